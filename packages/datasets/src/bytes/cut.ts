import type { Key } from '@steppe/random';
import type { ByteImage } from '../image.ts';
import { squareAround } from '../place.ts';
import type { Fill } from './fill.ts';

/** Blanks a square around a random pixel; its side is cut to whole pixels. */
export function cut(image: ByteImage, side: number, fill: Fill, key: Key): ByteImage {
  const { pixels, shape } = image;
  const [, width, channels] = shape;
  const { top, bottom, left, right } = squareAround(key, Math.trunc(side), shape);
  const out = new Uint8Array(pixels);
  for (let row = top; row < bottom; row += 1)
    for (let i = (row * width + left) * channels; i < (row * width + right) * channels; i += channels)
      for (let c = 0; c < channels; c += 1) out[i + c] = fill[c] as number;
  return { pixels: out, shape };
}
