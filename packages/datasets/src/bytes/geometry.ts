import type { ByteImage } from '../image.ts';
import type { Fill } from './fill.ts';

/** Where a pixel comes from, `[a, b, c, d, e, f]`: (a·x + b·y + c, d·x + e·y + f) of its own place. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The side up to which places fit into 16 bits before the point, whatever the matrix. */
const LARGEST = 16_384;

/** An image of one colour. */
function blank({ pixels, shape: [, , channels] }: ByteImage, fill: Fill): Uint8Array {
  const out = new Uint8Array(pixels.length);
  if (fill.some((byte) => byte !== 0))
    for (let i = 0; i < out.length; i += channels) for (let c = 0; c < channels; c += 1) out[i + c] = fill[c] as number;
  return out;
}

/** A number with 16 bits after the point. */
const fixed = (x: number): number => Math.floor(x * 65_536 + 0.5);

/** Takes each pixel from where the matrix says, the nearest one, in fixed-point numbers as PIL does. */
function affine(image: ByteImage, [a, b, c, d, e, f]: Matrix, fill: Fill): ByteImage {
  const { pixels, shape } = image;
  const [height, width, channels] = shape;
  if (Math.max(height, width) > LARGEST)
    throw new Error(`An image is turned up to a side of ${LARGEST} pixels, got ${height} x ${width}: crop it first.`);
  const out = blank(image, fill);
  const [right, down] = [fixed(a), fixed(d)];
  const [rightOfRow, downOfRow] = [fixed(b), fixed(e)];
  let x0 = fixed(c + a * 0.5 + b * 0.5);
  let y0 = fixed(f + d * 0.5 + e * 0.5);
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    let x = x0;
    let y = y0;
    for (let column = 0; column < width; column += 1) {
      const fromX = x >> 16;
      const fromY = y >> 16;
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
        const from = (fromY * width + fromX) * channels;
        out[to] = pixels[from] as number;
        for (let i = 1; i < channels; i += 1) out[to + i] = pixels[from + i] as number;
      }
      to += channels;
      x += right;
      y += down;
    }
    x0 += rightOfRow;
    y0 += downOfRow;
  }
  return { pixels: out, shape };
}

/** Moves each row to the left by `slope` times its number. */
export const shearX = (image: ByteImage, slope: number, fill: Fill): ByteImage =>
  slope === 0 ? image : affine(image, [1, slope, 0, 0, 1, 0], fill);

/** Moves each column up by `slope` times its number. */
export const shearY = (image: ByteImage, slope: number, fill: Fill): ByteImage =>
  slope === 0 ? image : affine(image, [1, 0, 0, slope, 1, 0], fill);

/** Moves an image to the right and down by whole pixels. */
function shift(image: ByteImage, right: number, down: number, fill: Fill): ByteImage {
  const { pixels, shape } = image;
  const [height, width, channels] = shape;
  const out = blank(image, fill);
  const [left, end] = [Math.max(right, 0), Math.min(width + right, width)];
  if (left >= end) return { pixels: out, shape };
  for (let row = Math.max(down, 0); row < Math.min(height + down, height); row += 1) {
    const from = (row - down) * width - right;
    out.set(pixels.subarray((from + left) * channels, (from + end) * channels), (row * width + left) * channels);
  }
  return { pixels: out, shape };
}

/** Moves an image to the right by pixels, cut to whole ones. */
export const translateX = (image: ByteImage, pixels: number, fill: Fill): ByteImage =>
  shift(image, Math.trunc(pixels), 0, fill);

/** Moves an image down by pixels, cut to whole ones. */
export const translateY = (image: ByteImage, pixels: number, fill: Fill): ByteImage =>
  shift(image, 0, Math.trunc(pixels), fill);

/** Rounds to 15 decimals, to the nearest, as Python does. */
const round15 = (x: number): number => Number(x.toFixed(15));

/** Turns an image by degrees, counter-clockwise, around its centre; quarter turns are exact only where they are 0. */
export function rotate(image: ByteImage, degrees: number, fill: Fill): ByteImage {
  const rest = degrees % 360;
  const angle = rest < 0 ? rest + 360 : rest;
  if (angle === 0) return image;
  const radians = -angle * (Math.PI / 180);
  const [cos, sin] = [round15(Math.cos(radians)), round15(Math.sin(radians))];
  const [x, y] = [image.shape[1] / 2, image.shape[0] / 2];
  return affine(image, [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y], fill);
}
