import { bits, type Key } from '@steppe/random';
import type { Shape } from './dataset.ts';

/** Scales 32 random bits to one of 0 … count - 1, all equally likely but for 2⁻³². */
export const place = (word: number | undefined, count: number): number => Math.floor((word ?? 0) * 2 ** -32 * count);

/** A part of an image: rows from `top` up to `bottom`, columns from `left` up to `right`. */
export type Box = {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
};

/** A square around a random pixel, cut where it hangs over the edge. */
export function squareAround(key: Key, length: number, [height, width]: Shape): Box {
  const words = bits(key, 2);
  const top = place(words[0], height) - Math.floor(length / 2);
  const left = place(words[1], width) - Math.floor(length / 2);
  return {
    top: Math.max(top, 0),
    bottom: Math.min(top + length, height),
    left: Math.max(left, 0),
    right: Math.min(left + length, width),
  };
}
