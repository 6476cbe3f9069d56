import { scaled } from '@steppe/tree';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { checkRho } from '../sam/sam-transform.ts';

/**
 * Makes SAM without normalization: g ↦ ∇L(w + ρ·g). Its step shrinks with the gradient.
 *
 * @param rho - ρ ≥ 0, a length per gradient, or a schedule of it.
 * @throws When rho is negative or not finite.
 * @see Andriushchenko & Flammarion, Towards Understanding Sharpness-Aware Minimization, ICML 2022, section 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { usam } from '@steppe/transforms';
 *
 * const link = usam(0.1);
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.scalar(1);
 * console.log(link.update(gradient, link.init(w), w, null)[0].grads.dataSync()[0]?.toFixed(2)); // => 2.40
 * ```
 */
export function usam(rho: number | Schedule): GradientTransformation<Count> {
  checkRho(rho);
  return perturbBy(zeroCount, (grads, state) => [scaled(grads, valueAt(rho, state)), increment(state)], {
    ...call('usam', rho),
  });
}
