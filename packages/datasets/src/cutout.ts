import { bits } from '@steppe/random';
import { type Augmentation, described, type Image } from './image.ts';
import { place } from './place.ts';

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
  if (!Number.isInteger(length) || length < 0)
    throw new Error(`A cutout has a side of a whole number of pixels, got ${length}.`);
  return described('cutout', [length], (key, { pixels, shape }: Image) => {
    const [height, width, channels] = shape;
    const words = bits(key, 2);
    const top = place(words[0], height) - Math.floor(length / 2);
    const left = place(words[1], width) - Math.floor(length / 2);
    const out = pixels.slice();
    for (let row = Math.max(top, 0); row < Math.min(top + length, height); row += 1)
      out.fill(
        0,
        (row * width + Math.max(left, 0)) * channels,
        (row * width + Math.min(left + length, width)) * channels,
      );
    return { pixels: out, shape };
  });
}
