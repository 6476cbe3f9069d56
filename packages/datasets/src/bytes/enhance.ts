import type { ByteImage } from '../image.ts';
import { mapBytes } from './look-up.ts';

/** The byte of a float32, cut to 0 … 255; storing it drops what is behind the point. */
const clip = (x: number): number => (x <= 0 ? 0 : x >= 255 ? 255 : x);

/** from + factor · (to - from) of two bytes, in float32 as PIL computes it: 0 gives `from`, 1 gives `to`. */
function blender(factor: number): (from: number, to: number) => number {
  const alpha = Math.fround(factor);
  // There are 511 differences of bytes: a table of them rounds each product once.
  const scaled = Float32Array.from({ length: 511 }, (_, i) => alpha * (i - 255));
  return (from, to) => clip(Math.fround(from + (scaled[to - from + 255] as number)));
}

/** Moves an image away from black (factor above 1) or toward it (below 1). */
export function brightness(image: ByteImage, factor: number): ByteImage {
  const blend = blender(factor);
  return mapBytes(image, (byte) => blend(0, byte));
}

/** The grey of a pixel: (19595·r + 38470·g + 7471·b) / 2¹⁶, rounded; of one channel itself. */
function greyOf({ pixels, shape: [, , channels] }: ByteImage): Uint8Array {
  if (channels === 1) return pixels;
  if (channels !== 3) throw new Error(`Colours are changed in images of 1 or 3 channels, got ${channels}.`);
  const grey = new Uint8Array(pixels.length / 3);
  for (let i = 0, at = 0; i < grey.length; i += 1, at += 3)
    grey[i] =
      ((pixels[at] as number) * 19_595 +
        (pixels[at + 1] as number) * 38_470 +
        (pixels[at + 2] as number) * 7471 +
        32_768) >>
      16;
  return grey;
}

/** Moves an image away from the mean of its grey (factor above 1) or toward it (below 1). */
export function contrast(image: ByteImage, factor: number): ByteImage {
  const grey = greyOf(image);
  let sum = 0;
  for (let i = 0; i < grey.length; i += 1) sum += grey[i] as number;
  const mean = Math.trunc(sum / grey.length + 0.5);
  const blend = blender(factor);
  return mapBytes(image, (byte) => blend(mean, byte));
}

/** Moves the colours of an image away from its grey (factor above 1) or toward it (below 1). */
export function color(image: ByteImage, factor: number): ByteImage {
  const grey = greyOf(image);
  if (image.shape[2] === 1) return image;
  const blend = blender(factor);
  const { pixels, shape } = image;
  const out = new Uint8Array(pixels.length);
  for (let i = 0, at = 0; i < grey.length; i += 1)
    for (let c = 0; c < 3; c += 1, at += 1) out[at] = blend(grey[i] as number, pixels[at] as number);
  return { pixels: out, shape };
}

/** Moves an image away from a smoothed one (factor above 1) or toward it (below 1); the edge stays. */
export function sharpness(image: ByteImage, factor: number): ByteImage {
  const { pixels, shape } = image;
  const [height, width, channels] = shape;
  if (height < 3 || width < 3) return image;
  const blend = blender(factor);
  const out = new Uint8Array(pixels);
  const line = width * channels;
  for (let row = 1; row < height - 1; row += 1)
    for (let i = row * line + channels; i < (row + 1) * line - channels; i += 1) {
      const middle = pixels[i] as number;
      let sum = 4 * middle;
      for (let at = i - line; at <= i + line; at += line)
        sum += (pixels[at - channels] as number) + (pixels[at] as number) + (pixels[at + channels] as number);
      // sum / 13 + ½ is never nearer than 1/26 to a whole number, so whole numbers round as PIL's float32 does.
      out[i] = blend(((2 * sum + 13) / 26) | 0, middle);
    }
  return { pixels: out, shape };
}
