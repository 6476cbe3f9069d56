import { shown } from '@steppe/check';
import { type Augmentation, described, type Image } from './image.ts';
import { squareAround } from './place.ts';

/** Refuses what is no side of a square. */
export function checkLength(length: number): void {
  if (!Number.isInteger(length) || length < 0)
    throw new Error(`A cutout has a side of a whole number of pixels, got ${shown(length)}.`);
}

/**
 * Blanks a square around a random pixel with zeros, which is the mean of a normalized image; the square may hang over
 * the edge.
 *
 * Every image gets a square of its own, as in the paper of cutout; the code of the SAM paper draws one square for a
 * whole batch.
 *
 * @param length - The side of the square in pixels, even or odd; 16 as in the SAM paper, 0 blanks nothing.
 * @throws When `length` is not a whole number of pixels.
 * @see DeVries, Taylor: Improved regularization of convolutional neural networks with cutout (arXiv 1708.04552),
 * section 3.2.
 *
 * @example
 * ```ts
 * import { cutout } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: new Float32Array(9).fill(1), shape: [3, 3, 1] } as const;
 * const blank = cutout(1)(key(0), image).pixels.filter((x) => x === 0);
 * console.log(blank.length); // => 1
 * ```
 */
export function cutout(length = 16): Augmentation {
  checkLength(length);
  return described('cutout', [length], (key, { pixels, shape }: Image) => {
    const [, width, channels] = shape;
    const { top, bottom, left, right } = squareAround(key, length, shape);
    const out = pixels.slice();
    for (let row = top; row < bottom; row += 1)
      out.fill(0, (row * width + left) * channels, (row * width + right) * channels);
    return { pixels: out, shape };
  });
}
