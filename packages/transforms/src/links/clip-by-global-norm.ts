import { checkNumber, positive } from '@steppe/check';
import { asScalar, norm, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { stateless } from './lift.ts';

/**
 * Shortens a gradient that is too long and keeps its direction: g ↦ g·min(1, c/‖g‖₂), over all leaves jointly.
 *
 * The paper's code clips at 5.0 behind SAM. Before `samTransform` it changes no ε̂, which depends only on the
 * direction. A norm above float32's largest number (3.4·10³⁸) gives a zero gradient.
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
      const length = norm(grads);
      // Selected among scalars: one pass over the gradient, a short one comes through bit for bit, a zero one without
      // 0/0.
      const factor = asScalar(tf.where(tf.greater(length, maxNorm), tf.div(maxNorm, length), 1));
      return scaled(grads, factor);
    },
    call('clipByGlobalNorm', maxNorm),
  );
}
