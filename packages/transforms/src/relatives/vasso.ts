import { checkNumber, share } from '@steppe/check';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { valueAt } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { checkNorm } from '../sam/norm-exponent.ts';
import { checkRho } from '../sam/sam-transform.ts';
import { type MeanGradientState, noGradients, withGradient } from './mean-gradient.ts';

/**
 * Makes variance-suppressed SAM, which perturbs along the exponential mean of the gradients, d ← (1 - θ)·d + θ·g, g ↦
 * ∇L(w + ε̂(d)).
 *
 * The mean turns less from batch to batch than the gradient does; the first is g. θ = 1 is SAM.
 *
 * @param rho - As for `samTransform`, without groups.
 * @param theta - θ in (0, 1], the weight of the new gradient.
 * @throws When theta is outside of (0, 1], or as `samTransform`.
 * @see Li & Giannakis, Enhancing Sharpness-Aware Optimization Through Variance Suppression, NeurIPS 2023, equation (5).
 *
 * @example
 * ```ts
 * import { chain, sgd, vasso } from '@steppe/transforms';
 *
 * console.log(chain(vasso(0.1, 0.4), sgd(0.1)).gradientCost); // => 2
 * ```
 */
export function vasso(rho: number | Schedule, theta: number, p = 2): GradientTransformation<MeanGradientState> {
  checkRho(rho);
  checkNumber('theta', theta, share);
  checkNorm(p);
  return perturbBy(
    noGradients,
    (grads, state) => {
      const next = withGradient(state, grads, 1 - theta);
      const radius = valueAt(rho, state);
      return [ascent(next.mean as typeof grads, radius, p).epsilon, next, { rho: radius }];
    },
    call('vasso', rho, theta, p),
  );
}
