import { shown } from '@steppe/check';
import { type Key, uniforms } from '@steppe/random';
import { type Augmentation, described, type Image } from './image.ts';

/** Whether the coin of a key says that an image is mirrored. */
export const isFlipped = (key: Key, probability: number): boolean => (uniforms(key, 1)[0] as number) < probability;

/** Refuses what is no probability. */
export function checkProbability(probability: number): void {
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1))
    throw new Error(`A probability lies in [0, 1], got ${shown(probability)}.`);
}

/**
 * Mirrors an image left to right with a probability, which a photograph of an object does not mind (a digit does).
 *
 * @param probability - Between 0 (never) and 1 (always); one half as in the SAM paper.
 * @throws When `probability` is not within [0, 1].
 *
 * @example
 * ```ts
 * import { horizontalFlip } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: Float32Array.of(1, 2, 3), shape: [1, 3, 1] } as const;
 * console.log([...horizontalFlip(1)(key(0), image).pixels]); // => [ 3, 2, 1 ]
 * ```
 */
export function horizontalFlip(probability = 0.5): Augmentation {
  checkProbability(probability);
  return described('horizontalFlip', [probability], (key, image: Image) => {
    if (!isFlipped(key, probability)) return image;
    const { pixels, shape } = image;
    const [height, width, channels] = shape;
    const out = new Float32Array(pixels.length);
    for (let row = 0; row < height; row += 1)
      for (let column = 0; column < width; column += 1) {
        const to = (row * width + column) * channels;
        const from = (row * width + width - 1 - column) * channels;
        for (let c = 0; c < channels; c += 1) out[to + c] = pixels[from + c] as number;
      }
    return { pixels: out, shape };
  });
}
