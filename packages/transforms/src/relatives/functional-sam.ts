import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { requireFunctional } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { ballOf } from '../sam/ball.ts';
import { checkNorm } from '../sam/norm-exponent.ts';
import { checkRho } from '../sam/sam-transform.ts';

/**
 * Makes Functional-SAM (also J-SAM), which perturbs what a network computes and not what the loss makes of it:
 * g = J_F(w + ε̂)ᵀ·∂ℓ/∂F(w), for a loss L(w) = ℓ(F(w)) of outputs F.
 *
 * SAM also moves ∂ℓ/∂F, which in language models dominates it. Needs a loss in two parts, `{ outputs, loss }`, given to
 * `valueAndGrad` or `trainStep`. Where F is linear in w it is the gradient itself, for every ρ, and where ℓ is linear in
 * F it is SAM. ε̂ is that of SAM; ρ = 0 is the chain without it, bit for bit. The report gains
 * `gradientNorm`, `epsilonHatNorm` and `rho`, as of `samTransform`, but no `perturbedLoss`, since no loss is evaluated at
 * w + ε̂. It costs 2 gradients.
 *
 * It may stand behind links that are linear: slices, scales, weight decay, whose weights in the loss do not move.
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @param p - The norm of the neighborhood, 1 ≤ p ≤ Infinity.
 * @throws When rho is negative or not finite, or p below 1; at an update, when the gradient function does not know the
 * outputs, or a link before it lost them, with its name.
 * @see Singh et al., Avoiding Spurious Sharpness Minimization Broadens Applicability of SAM, ICML 2025, section 4; Baek
 * et al., Why Is SAM Robust to Label Noise?, ICLR 2024, section 4 (J-SAM).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { valueAndGrad } from '@steppe/autograd';
 * import { functionalSam } from '@steppe/transforms';
 *
 * const gradient = valueAndGrad({
 *   outputs: (w: tf.Tensor, _: null) => tf.square(w), // F(w) = w², J = 2w
 *   loss: (outputs) => tf.square(outputs), // ∂ℓ/∂F = 2F
 * });
 * const link = functionalSam(1);
 * const w = tf.scalar(1);
 * const [{ grads }] = link.update(gradient, link.init(w), w, null);
 * console.log(grads.arraySync()); // => 8
 * ```
 */
export function functionalSam(rho: number | Schedule, p = 2): GradientTransformation<Count> {
  checkRho(rho);
  checkNorm(p);
  return transformation({
    ...call('functionalSam', rho, p),
    uphill: true,
    gradientCost: 2,
    init: zeroCount,
    update(gradient, state, params, batch) {
      const pullback = requireFunctional(gradient, 'functionalSam');
      const clean = gradient(params, batch);
      const { epsilon, report } = ballOf(valueAt(rho, state), p).ascend(clean.grads);
      const grads = pullback(applyUpdates(params, epsilon), batch, clean.cotangent ?? null);
      return [{ ...clean, grads, report: { ...clean.report, ...report } }, increment(state)];
    },
  });
}
