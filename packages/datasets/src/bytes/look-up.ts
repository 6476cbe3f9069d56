import type { ByteImage } from '../image.ts';

/** What becomes of the bytes of one channel, or of all where `step` is 1. */
function lookUp(pixels: Uint8Array, table: Uint8Array, out: Uint8Array, first: number, step: number): void {
  for (let i = first; i < pixels.length; i += step) out[i] = table[pixels[i] as number] as number;
}

/** Changes each byte by a function of it, cut to 0 … 255. */
export function mapBytes(image: ByteImage, change: (byte: number) => number): ByteImage {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte += 1) table[byte] = Math.min(Math.max(change(byte), 0), 255);
  const { pixels, shape } = image;
  const out = new Uint8Array(pixels.length);
  lookUp(pixels, table, out, 0, 1);
  return { pixels: out, shape };
}

/** Turns bytes from light to dark and back. */
export const invert = (image: ByteImage): ByteImage => mapBytes(image, (byte) => 255 - byte);

/** Turns bytes from a threshold on from light to dark. */
export const solarize = (image: ByteImage, threshold: number): ByteImage =>
  mapBytes(image, (byte) => (byte < threshold ? byte : 255 - byte));

/** Keeps so many of the 8 bits of each byte, the upper ones. */
export const posterize = (image: ByteImage, bits: number): ByteImage =>
  mapBytes(image, (byte) => byte & -(2 ** (8 - bits)));

/** How often each byte comes in one channel. */
function histogram({ pixels, shape: [, , channels] }: ByteImage, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = channel; i < pixels.length; i += channels)
    counts[pixels[i] as number] = (counts[pixels[i] as number] as number) + 1;
  return counts;
}

/** Changes each channel by a table made of its histogram; where there is none, the channel stays. */
function byHistogram(image: ByteImage, tableOf: (counts: Uint32Array) => Uint8Array | undefined): ByteImage {
  const { pixels, shape } = image;
  const out = new Uint8Array(pixels);
  for (let c = 0; c < shape[2]; c += 1) {
    const table = tableOf(histogram(image, c));
    if (table !== undefined) lookUp(pixels, table, out, c, shape[2]);
  }
  return { pixels: out, shape };
}

/** Stretches each channel so that its darkest byte is 0 and its lightest 255. */
export const autoContrast = (image: ByteImage): ByteImage =>
  byHistogram(image, (counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return undefined;
    const scale = 255 / (high - low);
    const offset = -low * scale;
    return Uint8Array.from(counts, (_, byte) => Math.min(Math.max(Math.trunc(byte * scale + offset), 0), 255));
  });

/** Spreads the bytes of each channel so that each comes about equally often. */
export const equalize = (image: ByteImage): ByteImage =>
  byHistogram(image, (counts) => {
    const last = counts.findLastIndex((count) => count > 0);
    const all = image.shape[0] * image.shape[1];
    const step = Math.floor((all - (counts[last] as number)) / 255);
    if (step === 0) return undefined;
    let sum = Math.floor(step / 2);
    const table = new Uint8Array(256);
    for (let byte = 0; byte < 256; byte += 1) {
      table[byte] = Math.min(Math.floor(sum / step), 255);
      sum += counts[byte] as number;
    }
    return table;
  });
