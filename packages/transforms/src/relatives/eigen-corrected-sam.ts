import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { addScaled, asScalar, dot, unit } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import type { Count } from '../links/counted.ts';
import { requireHvp } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';
import {
  type EigenvectorOptions,
  eigenvectorCosts,
  eigenvectorOptions,
  refreshEigenvector,
  startEigenvector,
  type TopEigenvector,
} from './top-eigenvector.ts';

/** The state of eigenvector-corrected SAM: SAM's own, and the search for the eigenvector. */
export type EigenCorrectedSamState = { readonly sam: Count; readonly top: TopEigenvector };

export type EigenCorrectedSamOptions = EigenvectorOptions & {
  /** α ≥ 0, how much of the part along the eigenvector is taken out; the paper has it in [0, 2]. @defaultValue 0.2 */
  readonly alpha?: number;
};

/**
 * Makes the eigenvector-corrected X-SAM, which widens the angle between SAM's direction and the top eigenvector v of
 * the Hessian: g ↦ ĝ′ - α·|⟨ĝ′, v⟩|·v, with ĝ′ the unit vector of g′ = ∇L(w + ε̂).
 *
 * It is no relative of `xsam`, which is another paper's (arXiv 2603.10048) and needs no Hessian. The authors' code
 * writes the correction as α·sign⟨g′, v⟩·⟨ĝ′, v⟩v, of the unit vector; readings of the paper that project g′ itself
 * would depend on the loss's scale. Where ⟨ĝ′, v⟩ < 0 the part along v grows, so v and -v give different steps: v keeps
 * the sign that the random start of the search gave it, as in that code. Since ĝ′ has length 1, the learning rate is a
 * length.
 *
 * v is found by `steps` power steps at every `every`-th update, from where the last ones ended; the authors refresh it
 * every 3 or 5. The report is SAM's, with `topEigenvalue`, ⟨v, H·v⟩ at the last refresh.
 *
 * @param rho - As for `samTransform`.
 * @throws When an option is out of range, or as `samTransform`; at an update, when what stands before it has no `hvp`.
 * @see Duan et al., X-SAM: Boosting Sharpness-Aware Minimization with Dominant-Eigenvector Gradient Correction,
 * arXiv 2601.10251; huang5467/X-SAM.
 *
 * @example
 * ```ts
 * import { chain, eigenCorrectedSam, sgd } from '@steppe/transforms';
 *
 * console.log(chain(eigenCorrectedSam(0.05, { every: 5, steps: 5 }), sgd(0.1)).gradientCost); // => 4
 * ```
 */
export function eigenCorrectedSam(
  rho: Radius,
  options: EigenCorrectedSamOptions = {},
): GradientTransformation<EigenCorrectedSamState> {
  checkOptions('eigenCorrectedSam', options, { ...eigenvectorOptions, alpha: aNumber(nonNegative) });
  const { alpha = 0.2 } = options;
  const sam = samTransform(rho);
  return transformation({
    ...call('eigenCorrectedSam', rho, options),
    uphill: true,
    ...eigenvectorCosts(2, options),
    init: (params): EigenCorrectedSamState => ({ sam: sam.init(params), top: startEigenvector(params, options) }),
    update(gradient, state, params, batch) {
      const hvp = requireHvp(gradient, 'eigenCorrectedSam');
      const [evaluation, counted] = sam.update(gradient, state.sam, params, batch);
      const { vector, eigenvalue, next } = refreshEigenvector(state.top, hvp, params, batch, options);
      const direction = unit(evaluation.grads);
      const correction = asScalar(tf.mul(tf.abs(dot(direction, vector)), -alpha));
      return [
        {
          ...evaluation,
          grads: addScaled(direction, correction, vector),
          report: { ...evaluation.report, topEigenvalue: eigenvalue },
        },
        { sam: counted, top: next },
      ];
    },
  });
}
