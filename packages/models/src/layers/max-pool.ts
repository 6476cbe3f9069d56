import { refusal } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkTensor, IMAGES } from '../checks.ts';

/**
 * Takes the largest entry of each channel in square windows that stand on every `stride`-th pixel, the first included;
 * what lies outside of the image is never the largest.
 *
 * The padding is (size - 1) / 2 on every side, as in `conv` and as published for ResNet (3 × 3, stride 2).
 *
 * @param x - Images `[batch, height, width, channels]`.
 * @param size - The side of a window in pixels, odd.
 * @returns Images `[batch, ⌈height / stride⌉, ⌈width / stride⌉, channels]`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { maxPool } from '@steppe/models';
 *
 * const image = tf.tensor4d([-1, -2, -3, -4], [1, 1, 4, 1]);
 * console.log(maxPool(image, 3, 2).dataSync()); // => Float32Array(2) [ -1, -2 ]
 * ```
 */
export function maxPool(x: Tensor4D, size: number, stride: number): Tensor4D {
  checkTensor('x', x, IMAGES);
  checkCounts({ size, stride });
  if (size % 2 === 0) throw refusal('size', 'odd, for a window has a middle', size);
  return pure(() => tf.maxPool(x, size, stride, (size - 1) / 2));
}
