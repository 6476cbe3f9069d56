import { type Key, normal } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkKey, checkShape } from '../checks.ts';

/**
 * Draws the kernel of a convolution that keeps the variance of gradients: normal with mean 0 and standard deviation √(2
 * / fan), fan = height · width · out, as in the published WideResNets and the paper's code.
 *
 * The numbers are drawn on the host, so they are the same on every backend.
 *
 * @param shape - `[height, width, in, out]` of the kernel.
 * @see He et al., Delving deep into rectifiers (2015), equation 14.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { heNormal } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const kernel = heNormal(key(0), [3, 3, 16, 32]);
 * const deviation = tf.sqrt(tf.mean(tf.square(kernel))).dataSync()[0] ?? 0;
 * console.log(Math.abs(deviation / Math.sqrt(2 / (3 * 3 * 32)) - 1) < 0.05); // => true
 * ```
 */
export function heNormal(key: Key, shape: readonly [number, number, number, number]): Tensor4D {
  checkKey(key);
  checkShape('shape', shape, ['height', 'width', 'in', 'out']);
  const [height, width, , out] = shape;
  return tf.tidy(() => tf.mul(normal<tf.Rank.R4>(key, [...shape]), Math.sqrt(2 / (height * width * out))));
}
