import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { addScaled, asScalar, dot, unit } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { requireHvp } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { signs } from '../sam/exact.ts';
import { checkRho } from '../sam/sam-transform.ts';
import { orthogonalTo } from './gsam.ts';
import {
  type EigenvectorOptions,
  eigenvectorCosts,
  eigenvectorOptions,
  refreshEigenvector,
  startEigenvector,
  type TopEigenvector,
} from './top-eigenvector.ts';

/** The state of Eigen-SAM: the search for the eigenvector, and the count for schedules. */
export type EigenSamState = Count & { readonly top: TopEigenvector };

export type EigenSamOptions = EigenvectorOptions & {
  /** α ≥ 0, how far the perturbation is turned toward the eigenvector. @defaultValue 0.2 */
  readonly alpha?: number;
};

/**
 * Makes Eigen-SAM, whose perturbation is turned toward the top eigenvector v of the Hessian, which gradients rarely
 * point along: g ↦ ∇L(w + ρ·d), d = ĝ + α·sign⟨ĝ, v⟩·(v - ⟨v, ĝ⟩ĝ).
 *
 * v is found by `steps` power steps at every `every`-th update from the first on, which start where the last ones
 * ended; a refresh costs `steps` Hessian products. α = 0 is SAM, bit for bit. What is added is orthogonal to g, and as
 * in the authors' code ε is not normalized again, so it is longer than ρ: ‖ε‖ = ρ·√(1 + α²·(1 - ⟨ĝ, v⟩²)). Their code
 * differs in its first `every` steps, in which it has no v yet and goes ρ·g far.
 *
 * The report gains `perturbedLoss` L(w + ε), `rho`, and `topEigenvalue`, ⟨v, H·v⟩ at the last refresh.
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @throws When an option is out of range; at an update, when what stands before it has no `hvp`.
 * @see Luo et al., Explicit Eigenvalue Regularization Improves Sharpness-Aware Minimization, NeurIPS 2024;
 * RitianLuo/EigenSAM.
 *
 * @example
 * ```ts
 * import { chain, eigenSam, sgd } from '@steppe/transforms';
 *
 * console.log(chain(eigenSam(0.1, { every: 100, steps: 5 }), sgd(0.1)).gradientCost); // => 2.1
 * ```
 */
export function eigenSam(rho: number | Schedule, options: EigenSamOptions = {}): GradientTransformation<EigenSamState> {
  checkRho(rho);
  checkOptions('eigenSam', options, { ...eigenvectorOptions, alpha: aNumber(nonNegative) });
  const { alpha = 0.2 } = options;
  return transformation({
    ...call('eigenSam', rho, options),
    uphill: true,
    ...eigenvectorCosts(2, options),
    init: (params): EigenSamState => ({ ...zeroCount(), top: startEigenvector(params, options) }),
    update(gradient, state, params, batch) {
      const hvp = requireHvp(gradient, 'eigenSam');
      const radius = valueAt(rho, state);
      const clean = gradient(params, batch);
      const { vector, eigenvalue, next } = refreshEigenvector(state.top, hvp, params, batch, options);
      const turn = asScalar(tf.mul(tf.mul(radius, alpha), signs(dot(unit(clean.grads), vector))));
      const along = ascent(clean.grads, radius, 2).epsilon;
      const epsilon = addScaled(along, turn, orthogonalTo(vector, clean.grads));
      const perturbed = gradient(applyUpdates(params, epsilon), batch);
      const report = { ...clean.report, perturbedLoss: perturbed.value, rho: radius, topEigenvalue: eigenvalue };
      return [
        { ...clean, grads: perturbed.grads, report },
        { ...increment(state), top: next },
      ];
    },
  });
}
