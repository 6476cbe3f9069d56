import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { addScaled, minus, plus } from '@steppe/tree';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { checkRho } from '../sam/sam-transform.ts';

export type CrSamOptions = {
  /** γ ≥ 0, the weight of the change of curvature, g₊ + g₋ - 2g. @defaultValue 0.1 */
  readonly gamma?: number;
  /** β ≥ 0, the weight of the curvature along the gradient, g₊ - g₋. @defaultValue 0.1 */
  readonly beta?: number;
};

/**
 * Makes CR-SAM, which regularizes SAM's curvature by a third point: g ↦ g₊ + γ·(g₊ + g₋ - 2g) + β·(g₊ - g₋), with
 * g± = ∇L(w ± ε̂).
 *
 * On a quadratic loss g₊ + g₋ - 2g is zero and g₊ - g₋ = 2ρ·H·ĝ; no Hessian product is needed. γ = β = 0 is SAM. This
 * is the update of the authors' code, whose class has β = 0.1 and whose training script 0.01; the paper derives it from
 * the normalized trace of the Hessian.
 *
 * The report gains `perturbedLoss` L(w + ε̂), `oppositeLoss` L(w - ε̂) and `rho`.
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @throws When rho or an option is out of range.
 * @see Wu et al., CR-SAM: Curvature Regularized Sharpness-Aware Minimization, AAAI 2024; TrustAIoT/CR-SAM.
 *
 * @example
 * ```ts
 * import { chain, crSam, sgd } from '@steppe/transforms';
 *
 * console.log(chain(crSam(0.1, { gamma: 0.1, beta: 0.01 }), sgd(0.05)).gradientCost); // => 3
 * ```
 */
export function crSam(rho: number | Schedule, options: CrSamOptions = {}): GradientTransformation<Count> {
  checkRho(rho);
  checkOptions('crSam', options, { gamma: aNumber(nonNegative), beta: aNumber(nonNegative) });
  const { gamma = 0.1, beta = 0.1 } = options;
  return transformation({
    ...call('crSam', rho, options),
    uphill: true,
    gradientCost: 3,
    init: zeroCount,
    update(gradient, state, params, batch) {
      const radius = valueAt(rho, state);
      const clean = gradient(params, batch);
      const { epsilon } = ascent(clean.grads, radius, 2);
      const ahead = gradient(applyUpdates(params, epsilon), batch);
      const behind = gradient(minus(params, epsilon), batch);
      const bend = addScaled(plus(ahead.grads, behind.grads), -2, clean.grads);
      const grads = addScaled(addScaled(ahead.grads, gamma, bend), beta, minus(ahead.grads, behind.grads));
      const report = {
        ...clean.report,
        perturbedLoss: ahead.value,
        oppositeLoss: behind.value,
        rho: radius,
      };
      return [{ ...clean, grads, report }, increment(state)];
    },
  });
}
