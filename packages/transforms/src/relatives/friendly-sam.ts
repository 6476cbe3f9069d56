import { aNumber, belowOne, checkOptions, finite } from '@steppe/check';
import { addScaled, asScalar } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { valueAt } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { norm } from '../sam/norm-exponent.ts';
import { checkRho } from '../sam/sam-transform.ts';
import { type MeanGradientState, noGradients, withGradient } from './mean-gradient.ts';

export type FriendlySamOptions = {
  /** σ, the share of the mean gradient that is taken out of the direction. @defaultValue 1 */
  readonly sigma?: number;
  /** λ, the decay of the mean gradient, in [0, 1). @defaultValue 0.6 */
  readonly decay?: number;
  /** The norm of the neighborhood. @defaultValue 2 */
  readonly p?: number;
};

/**
 * Makes Friendly-SAM, which perturbs along what is special to the batch, d = g - σ·m, with m the exponential mean of
 * the gradients before: g ↦ ∇L(w + ε̂(d)), m ← λ·m + (1 - λ)·g.
 *
 * At the first step d = g and m = g. The mean is of raw gradients, as in the authors' code.
 *
 * @param rho - As for `samTransform`, without groups.
 * @throws When the decay is not in [0, 1), or as `samTransform`.
 * @see Li et al., Friendly Sharpness-Aware Minimization, CVPR 2024, Algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, friendlySam, sgd } from '@steppe/transforms';
 *
 * console.log(chain(friendlySam(0.1), sgd(0.1)).gradientCost); // => 2
 * ```
 */
export function friendlySam(
  rho: number | Schedule,
  options: FriendlySamOptions = {},
): GradientTransformation<MeanGradientState> {
  checkRho(rho);
  checkOptions('friendlySam', options, { sigma: aNumber(finite), decay: aNumber(belowOne), p: aNumber(norm) });
  const { sigma = 1, decay = 0.6, p = 2 } = options;
  return perturbBy(
    noGradients,
    (grads, state) => {
      const known = asScalar(tf.where(tf.equal(state.count, 0), 0, -sigma)); // before the first step there is no mean
      const direction = addScaled(grads, known, state.mean);
      const radius = valueAt(rho, state);
      return [ascent(direction, radius, p).epsilon, withGradient(state, grads, decay), { rho: radius }];
    },
    call('friendlySam', rho, { sigma, decay, p }),
  );
}
