import { type Tree, zerosLike } from '@steppe/tree';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { displaceBy } from '../links/displace-by.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { checkNorm } from '../sam/norm-exponent.ts';
import { checkRho } from '../sam/sam-transform.ts';

/** The last gradient, with the structure of the parameters: zero before the first. */
export type LastGradientState = Count & { readonly last: Tree };

/**
 * Makes SAM with a stale ascent at the price of one gradient: it is taken where the gradient of the step before points,
 * gₜ = ∇L(w + ε̂(gₜ₋₁)).
 *
 * The one gradient of a step is both what is followed now and what ε̂ is made of next. The first step is not displaced;
 * loss, aux and report are those of the displaced point. AsyncSAM as in the paper costs two: ε̂ is of ∇L(w) of the step
 * before, taken at w itself by another device at the same time, on a smaller batch of its own. On one batch that is the
 * `perturbBy` of the second example, of which neither gradient waits for the other.
 *
 * @param rho - ρ ≥ 0, or a schedule of it.
 * @throws When rho is negative or not finite, or p is below 1.
 * @see Jo, Lim & Lee, Asynchronous Sharpness-Aware Minimization For Fast and Accurate Deep Learning, 2503.11147, with
 * staleness τ = 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { asyncSam } from '@steppe/transforms';
 *
 * const link = asyncSam(0.5);
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.scalar(1);
 * const [first, state] = link.update(gradient, link.init(w), w, null); // at 1
 * const [second] = link.update(gradient, state, w, null); // at 1.5
 * console.log(first.grads.arraySync(), second.grads.arraySync()); // => 2 3
 * ```
 *
 * @example
 * ```ts
 * import { epsilonHat, perturbBy } from '@steppe/transforms';
 * import { type Tree, zerosLike } from '@steppe/tree';
 *
 * const ofThePaper = perturbBy(
 *   (w): { readonly last: Tree } => ({ last: zerosLike(w) }),
 *   (grads, { last }) => [epsilonHat(last as typeof grads, 0.5), { last: grads }],
 * );
 * console.log(ofThePaper.gradientCost); // => 2
 * ```
 */
export function asyncSam(rho: number | Schedule, p = 2): GradientTransformation<LastGradientState> {
  checkRho(rho);
  checkNorm(p);
  return displaceBy(
    (params): LastGradientState => ({ ...zeroCount(), last: zerosLike(params) }),
    (state) => ascent(state.last, valueAt(rho, state), p).epsilon,
    (grads, state) => [grads, { ...increment(state), last: grads }],
    { ...call('asyncSam', rho, p), uphill: true },
  );
}
