import { dot, scaled, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import type { Count } from '../counted.ts';
import { samTransform } from '../sam-transform.ts';
import { minus, unit } from '../tree-algebra.ts';
import { withClean } from '../with-clean.ts';

/** The part of `a` that is orthogonal to `b`: a - ⟨a, b̂⟩·b̂; all of `a` when b is zero. */
export function orthogonalTo<P extends Tree>(a: P, b: P): P {
  const direction = unit(b);
  return minus(a, scaled(direction, dot(a, direction)));
}

/**
 * Is surrogate-gap SAM: follows the gradient at w + ε̂ and, orthogonally to it, climbs the loss at w, which narrows the gap
 * L(w + ε̂) - L(w): g ↦ g_p - α·(g - ⟨g, ĝ_p⟩ĝ_p), g_p = ∇L(w + ε̂).
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
export function gsam(rho: number | Schedule, alpha: number, p = 2): GradientTransformation<Count> {
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY))
    throw new Error(`alpha must be a finite number of at least 0, got ${alpha}.`);
  return withClean(samTransform(rho, p), (clean, sharp) => minus(sharp, scaled(orthogonalTo(clean, sharp), alpha)), {
    name: 'gsam',
  });
}

/**
 * Ties a radius to a learning rate, linearly: ρ_t = ρ_min + (ρ_max - ρ_min)·(η_t - η_min)/(η_max - η_min).
 *
 * @param range - `rho: [ρ_min, ρ_max]` and `learningRate: [η_min, η_max]`.
 * @throws When the learning rates of the range are equal.
 * @see Zhuang et al., ICLR 2022, section 4.2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { linear, rhoFromLearningRate } from '@steppe/transforms';
 *
 * const rho = rhoFromLearningRate(linear(0.1, 0, 10), { rho: [0.01, 0.05], learningRate: [0, 0.1] });
 * console.log(rho(tf.scalar(5, 'int32')).arraySync().toFixed(3)); // => 0.030
 * ```
 */
export function rhoFromLearningRate(
  learningRate: Schedule,
  range: { readonly rho: readonly [number, number]; readonly learningRate: readonly [number, number] },
): Schedule {
  const [low, high] = range.rho;
  const [slowest, fastest] = range.learningRate;
  if (slowest === fastest)
    throw new Error(`The learning rates of the range must differ, got [${slowest}, ${fastest}].`);
  const slope = (high - low) / (fastest - slowest);
  return (count) => tf.tidy(() => tf.add(tf.mul(tf.sub(learningRate(count), slowest), slope), low) as Scalar);
}
