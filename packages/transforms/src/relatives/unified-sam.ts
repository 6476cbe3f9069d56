import { weight } from '@steppe/check';
import { addScaled, asScalar, normalized } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkScheduled } from '../links/check-link.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { checkRho } from '../sam/sam-transform.ts';

/**
 * Makes unified SAM, between SAM with and without normalization: g ↦ ∇L(w + ε), ε = ρ·(1 - λ + λ/‖g‖)·g.
 *
 * λ = 1 is `samTransform(rho)` and λ = 0 is `usam(rho)`, bit for bit. A zero gradient gives a zero ε; the authors' code
 * adds 10⁻¹² to ‖g‖ instead. Their best runs have λₜ = 1 - 1/t with t from 1, which is a schedule.
 *
 * @param rho - ρ ≥ 0, or a schedule of it.
 * @param lambda - λ in [0, 1], the share of the normalized step, or a schedule of it.
 * @throws When rho is negative or not finite, or lambda is outside of [0, 1].
 * @see Oikonomou & Loizou, Sharpness-Aware Minimization: General Analysis and Improved Rates, ICLR 2025;
 * dimitris-oik/unifiedsam.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { unifiedSam } from '@steppe/transforms';
 *
 * const link = unifiedSam(0.1, (count) => tf.sub(1, tf.div(1, tf.add(count, 1)))); // λₜ = 1 - 1/t
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.scalar(1);
 * const [{ grads }, state] = link.update(gradient, link.init(w), w, null); // λ = 0: ε = 0.1·g
 * const second = link.update(gradient, state, w, null)[0].grads; // λ = ½: ε = 0.1·(½g + ½)
 * console.log(grads.dataSync()[0]?.toFixed(2), second.dataSync()[0]?.toFixed(2)); // => 2.40 2.30
 * ```
 */
export function unifiedSam(rho: number | Schedule, lambda: number | Schedule): GradientTransformation<Count> {
  checkRho(rho);
  checkScheduled('lambda', lambda, weight);
  return perturbBy(
    zeroCount,
    (grads, state) => {
      const [radius, share] = [valueAt(rho, state), valueAt(lambda, state)];
      const { tree } = normalized(grads, asScalar(tf.mul(radius, share)));
      const epsilon = addScaled(tree, asScalar(tf.mul(radius, tf.sub(1, share))), grads);
      return [epsilon, increment(state), { rho: radius, lambda: share }];
    },
    call('unifiedSam', rho, lambda),
  );
}
