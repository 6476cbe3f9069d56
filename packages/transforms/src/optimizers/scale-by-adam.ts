import { decayed, times } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { type AdamOptions, type AdamState, quotientOfMoments } from './moments.ts';

/**
 * Divides the mean of gradients by the root of their mean square, as Adam does:
 * m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², and gives (m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + ε).
 *
 * @throws When a decay is not in [0, 1).
 * @see Kingma & Ba, ICLR 2015, Algorithm 1; optax.scale_by_adam.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaleByAdam } from '@steppe/transforms';
 *
 * const adam = scaleByAdam();
 * const w = tf.scalar(0);
 * const [{ grads }] = adam.update(() => ({ value: tf.scalar(0), grads: tf.scalar(5), aux: null }), adam.init(w), w, null);
 * console.log(grads.arraySync().toFixed(3)); // => 1.000
 * ```
 */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState> {
  return quotientOfMoments('scaleByAdam', options, (v, grads, _mean, { b2 }) => decayed(v, times(grads, grads), b2));
}
