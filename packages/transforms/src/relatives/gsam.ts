import { checkNumber, nonNegative } from '@steppe/check';
import { dot, minus, scaled, type Tree, unit } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import type { Count } from '../links/counted.ts';
import { withClean } from '../links/with-clean.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';

/**
 * Gives the part of a tree that is orthogonal to another: a - ⟨a, b̂⟩·b̂ with b̂ = b/‖b‖₂; all of `a` when b is zero.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { orthogonalTo } from '@steppe/transforms/parts';
 *
 * console.log([...orthogonalTo(tf.tensor1d([3, 4]), tf.tensor1d([2, 0])).dataSync()]); // => [ 0, 4 ]
 * ```
 */
export function orthogonalTo<P extends Tree>(a: P, b: P): P {
  const direction = unit(b);
  return minus(a, scaled(direction, dot(a, direction)));
}

/**
 * Makes surrogate-gap SAM, which follows the gradient at w + ε̂ and, orthogonally to it, climbs the loss at w, which
 * narrows the gap L(w + ε̂) - L(w): g ↦ g_p - α·(g - ⟨g, ĝ_p⟩ĝ_p), g_p = ∇L(w + ε̂).
 *
 * The authors tie ρ to the learning rate: give `rhoFromLearningRate(...)`.
 *
 * @param rho - As for `samTransform`.
 * @param alpha - α ≥ 0, the share of the orthogonal part.
 * @throws When alpha is negative or not finite, or as `samTransform`.
 * @see Zhuang et al., Surrogate Gap Minimization Improves Sharpness-Aware Training, ICLR 2022, Algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, cosineDecay, gsam, rhoFromLearningRate, scaleBySchedule } from '@steppe/transforms';
 *
 * const rate = cosineDecay(0.1, 1000);
 * const rho = rhoFromLearningRate(rate, { rho: [0.02, 0.1], learningRate: [0, 0.1] });
 * console.log(chain(gsam(rho, 0.4), scaleBySchedule(cosineDecay(-0.1, 1000))).gradientCost); // => 2
 * ```
 */
export function gsam(rho: Radius, alpha: number, p = 2): GradientTransformation<Count> {
  checkNumber('alpha', alpha, nonNegative);
  return withClean(samTransform(rho, p), (clean, sharp) => minus(sharp, scaled(orthogonalTo(clean, sharp), alpha)), {
    ...call('gsam', rho, alpha, p),
  });
}
