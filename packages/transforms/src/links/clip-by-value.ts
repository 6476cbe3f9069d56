import { checkNumber, positive } from '@steppe/check';
import { map } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { stateless } from './lift.ts';

/**
 * Limits every entry of the gradient: g ↦ min(max(g, -c), c). It changes the direction; `clipByGlobalNorm` keeps it.
 *
 * @param bound - c > 0.
 * @throws When the bound is not positive.
 * @see optax.clip
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { clipByValue } from '@steppe/transforms';
 *
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.tensor1d([3, -0.5]), aux: null });
 * const [{ grads }] = clipByValue(1).update(gradient, null, tf.tensor1d([0, 0]), null);
 * console.log([...grads.dataSync()]); // => [ 1, -0.5 ]
 * ```
 */
export function clipByValue(bound: number): GradientTransformation<null> {
  checkNumber('The bound of clipByValue', bound, positive);
  return stateless((grads) => map(grads, (g) => tf.clipByValue(g, -bound, bound)), call('clipByValue', bound));
}
