import { checkNumber, positive } from '@steppe/check';
import { map2, normalized } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { stateless } from './lift.ts';

/**
 * Shortens a gradient that is too long and keeps its direction: g ↦ g·min(1, c/‖g‖₂), over all leaves jointly.
 *
 * The paper's code clips at 5.0 behind SAM. Before `samTransform` it changes no ε̂, which depends only on the
 * direction. An infinite entry makes the gradient NaN throughout.
 *
 * @param maxNorm - c > 0.
 * @throws When the bound is not positive.
 * @see optax.clip_by_global_norm; Pascanu et al., ICML 2013.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { clipByGlobalNorm } from '@steppe/transforms';
 *
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.tensor1d([3, 4]), aux: null });
 * const [{ grads }] = clipByGlobalNorm(1).update(gradient, null, tf.tensor1d([0, 0]), null);
 * console.log([...grads.dataSync()].map((x) => x.toFixed(1))); // => [ '0.6', '0.8' ]
 * ```
 */
export function clipByGlobalNorm(maxNorm: number): GradientTransformation<null> {
  checkNumber('The bound of clipByGlobalNorm', maxNorm, positive);
  return stateless(
    (grads) => {
      const { tree: shortened, norm: length } = normalized(grads, maxNorm);
      const long = tf.greater(length, maxNorm);
      // Selected: a short one comes through bit for bit, and one whose norm leaves float32 is shortened all the same.
      return map2(grads, shortened, (g, short) => tf.where(long, short, g));
    },
    call('clipByGlobalNorm', maxNorm),
  );
}
