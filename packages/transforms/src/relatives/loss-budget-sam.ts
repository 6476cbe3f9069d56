import { checkNumber, positive } from '@steppe/check';
import { asScalar, ratio, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkScheduled } from '../links/check-link.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { checkNorm } from '../sam/norm-exponent.ts';

/**
 * Makes loss-equated SAM (LE-SAM), whose radius follows from a budget of loss: g ↦ ∇L(w + ρₜ·ε̂), ρₜ = min(σ/‖g‖_q,
 * ρ_max), ε̂ of radius 1.
 *
 * To first order the loss rises by σ = ⟨ε, g⟩ at every step, whatever the gradient's size, so that what is left of the
 * sharpness is curvature; where σ > ρ_max·‖g‖_q the radius is ρ_max. So ε(c·g) = ε(g)/c for c > 0 as long as neither is
 * capped. The authors take p = 2 and anneal σ to 0 over the last epochs, `join([constant(σ), cosineDecay(σ, n)], [t])`;
 * the constant that they add to ‖g‖ is left out, and a zero gradient gives a zero ε. The report gains `rho`.
 *
 * @param sigma - σ ≥ 0, in units of the loss, or a schedule of it.
 * @param rhoMax - ρ_max > 0, the largest radius.
 * @throws When sigma is negative or not finite, rhoMax is not positive and finite, or p is below 1.
 * @see Wang et al., Fix the Loss, Not the Radius: Rethinking the Adversarial Perturbation of Sharpness-Aware Minimization,
 * ICML 2026.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lossBudgetSam } from '@steppe/transforms';
 *
 * const link = lossBudgetSam(0.5, 1);
 * const linear = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.mul(w, 4)), grads: tf.fill(w.shape, 4), aux: null });
 * const w = tf.scalar(0);
 * const [{ report }] = link.update(linear, link.init(w), w, null);
 * console.log(report?.perturbedLoss?.arraySync()); // => 0.5
 * ```
 */
export function lossBudgetSam(sigma: number | Schedule, rhoMax: number, p = 2): GradientTransformation<Count> {
  checkScheduled('sigma', sigma);
  checkNumber('rhoMax', rhoMax, positive);
  checkNorm(p);
  return perturbBy(
    zeroCount,
    (grads, state) => {
      const { epsilon, dualNorm } = ascent(grads, 1, p);
      const rho = asScalar(tf.minimum(ratio(valueAt(sigma, state), dualNorm), rhoMax));
      return [scaled(epsilon, rho), increment(state), { rho }];
    },
    call('lossBudgetSam', sigma, rhoMax, p),
  );
}
