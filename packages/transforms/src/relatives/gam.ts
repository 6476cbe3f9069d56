import { checkNumber, nonNegative } from '@steppe/check';
import { addScaled, asScalar, normalized, unit } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { requireHvp } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import { checkRho } from '../sam/sam-transform.ts';

/**
 * Makes GAM, gradient norm aware minimization, which also lowers the largest gradient norm nearby, ρ·max ‖∇L(w + ε)‖
 * over ‖ε‖ ≤ ρ: g ↦ g + α·ρ·H(w_a)·ĝ(w_a), w_a = w + ρ·f/‖f‖ with f = H(w)·ĝ the slope of the norm ‖∇L(w)‖.
 *
 * Both Hessian products are exact, as in the paper's equations. The authors' code is the accelerated form of their
 * appendix D, with other hyperparameters: differences of four gradients in place of the products, mixed and projected
 * by weights of their own. Where the loss is linear f is zero, and so is what is added; ρ = 0 or α = 0 is the plain
 * gradient.
 *
 * The report gains `perturbedLoss` L(w_a), `rho` and `firstOrderFlatness`, ρ·‖∇L(w_a)‖, which is what is lowered.
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @param alpha - α ≥ 0, the weight of the flatness beside the loss.
 * @throws When rho or alpha is negative or not finite; at an update, when what stands before it has no `hvp`.
 * @see Zhang et al., Gradient Norm Aware Minimization Seeks First-Order Flatness and Improves Generalization, CVPR
 * 2023, equations (7) and (8), Algorithm 1; xxgege/GAM.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { gam } from '@steppe/transforms';
 *
 * const link = gam(0.1, 1);
 * const value = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const gradient = Object.assign(value, { hvp: (_: tf.Tensor, __: null, v: tf.Tensor) => tf.mul(v, 2) });
 * const w = tf.tensor1d([3, 4]);
 * const [{ grads }] = link.update(gradient, link.init(w), w, null); // 2w + 0.1·2·w/‖w‖
 * console.log([...grads.dataSync()].map((x) => x.toFixed(2))); // => [ '6.12', '8.16' ]
 * ```
 */
export function gam(rho: number | Schedule, alpha: number): GradientTransformation<Count> {
  checkRho(rho);
  checkNumber('alpha', alpha, nonNegative);
  return transformation({
    ...call('gam', rho, alpha),
    uphill: true,
    gradientCost: 6,
    init: zeroCount,
    update(gradient, state, params, batch) {
      const hvp = requireHvp(gradient, 'gam');
      const radius = valueAt(rho, state);
      const clean = gradient(params, batch);
      const steepest = unit(hvp(params, batch, unit(clean.grads)));
      const at = addScaled(params, radius, steepest);
      const perturbed = gradient(at, batch);
      const { tree: direction, norm } = normalized(perturbed.grads);
      const weight = asScalar(tf.mul(radius, alpha));
      const report = {
        ...clean.report,
        perturbedLoss: perturbed.value,
        rho: radius,
        firstOrderFlatness: asScalar(tf.mul(radius, norm)),
      };
      return [{ ...clean, grads: addScaled(clean.grads, weight, hvp(at, batch, direction)), report }, increment(state)];
    },
  });
}
