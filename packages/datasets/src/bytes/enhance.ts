import type { ByteImage } from '../image.ts';
import { mapBytes } from './look-up.ts';

/** The byte of a float32, cut to 0 … 255; storing it drops what is behind the point. */
const clip = (x: number): number => (x <= 0 ? 0 : x >= 255 ? 255 : x);

/** factor · (to - from) of two bytes in float32, by to - from + 255: there are 511, so a table rounds each once. */
function differences(factor: number): Float32Array {
  const alpha = Math.fround(factor);
  const scaled = new Float32Array(511);
  for (let i = 0; i < 511; i += 1) scaled[i] = alpha * (i - 255);
  return scaled;
}

/** from + factor · (to - from), in float32 as PIL computes it: a factor of 0 gives `from`, one of 1 gives `to`. */
const blend = (scaled: Float32Array, from: number, to: number): number =>
  clip(Math.fround(from + (scaled[to - from + 255] as number)));

/** Moves an image away from black (factor above 1) or toward it (below 1). */
export function brightness(image: ByteImage, factor: number): ByteImage {
  const scaled = differences(factor);
  return mapBytes(image, (byte) => blend(scaled, 0, byte));
}

/** The grey of a pixel: (19595·r + 38470·g + 7471·b) / 2¹⁶, rounded. */
const greyOf = (pixels: Uint8Array, at: number): number =>
  ((pixels[at] as number) * 19_595 +
    (pixels[at + 1] as number) * 38_470 +
    (pixels[at + 2] as number) * 7471 +
    32_768) >>
  16;

/** Refuses images that have neither grey nor colours. */
function checkChannels({ shape: [, , channels] }: ByteImage): void {
  if (channels !== 1 && channels !== 3)
    throw new Error(`Colours are changed in images of 1 or 3 channels, got ${channels}.`);
}

/** Moves an image away from the mean of its grey (factor above 1) or toward it (below 1). */
export function contrast(image: ByteImage, factor: number): ByteImage {
  checkChannels(image);
  const { pixels, shape } = image;
  let sum = 0;
  if (shape[2] === 1) for (let i = 0; i < pixels.length; i += 1) sum += pixels[i] as number;
  else for (let at = 0; at < pixels.length; at += 3) sum += greyOf(pixels, at);
  const mean = Math.trunc(sum / (shape[0] * shape[1]) + 0.5);
  const scaled = differences(factor);
  return mapBytes(image, (byte) => blend(scaled, mean, byte));
}

/** Moves the colours of an image away from its grey (factor above 1) or toward it (below 1). */
export function color(image: ByteImage, factor: number): ByteImage {
  checkChannels(image);
  const { pixels, shape } = image;
  if (shape[2] === 1) return image;
  const scaled = differences(factor);
  const out = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const grey = greyOf(pixels, at);
    out[at] = blend(scaled, grey, pixels[at] as number);
    out[at + 1] = blend(scaled, grey, pixels[at + 1] as number);
    out[at + 2] = blend(scaled, grey, pixels[at + 2] as number);
  }
  return { pixels: out, shape };
}

/** The sum of a pixel and its neighbours to both sides in one channel. */
const three = (pixels: Uint8Array, at: number, channels: number): number =>
  (pixels[at - channels] as number) + (pixels[at] as number) + (pixels[at + channels] as number);

/** Moves an image away from a smoothed one (factor above 1) or toward it (below 1); the edge stays. */
export function sharpness(image: ByteImage, factor: number): ByteImage {
  const { pixels, shape } = image;
  const [height, width, channels] = shape;
  if (height < 3 || width < 3) return image;
  const scaled = differences(factor);
  const out = new Uint8Array(pixels);
  const line = width * channels;
  for (let row = 1; row < height - 1; row += 1)
    for (let i = row * line + channels; i < (row + 1) * line - channels; i += 1) {
      const middle = pixels[i] as number;
      const around = three(pixels, i - line, channels) + three(pixels, i, channels) + three(pixels, i + line, channels);
      // With the weights of 1 and 5 the sum / 13 + ½ is never nearer than 1/26 to a whole number, so whole numbers
      // round as PIL's float32 does.
      out[i] = blend(scaled, ((2 * (around + 4 * middle) + 13) / 26) | 0, middle);
    }
  return { pixels: out, shape };
}
