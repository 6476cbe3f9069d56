import { decayed, map, minus, times } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { type AdamOptions, type AdamState, quotientOfMoments } from './moments.ts';

/**
 * Divides the mean of gradients by how far they stray from it, as AdaBelief does:
 * m ← β₁m + (1-β₁)g, s ← β₂s + (1-β₂)(g - m)² + ε, and gives (m/(1-β₁ᵗ)) / (√(s/(1-β₂ᵗ)) + ε).
 *
 * @param options - As for `scaleByAdam`, but for `epsilon`, which is 1e-16 unless given, as in optax, and added to s too.
 * @throws When a decay is not in [0, 1).
 * @see Zhuang et al., AdaBelief Optimizer, NeurIPS 2020, Algorithm 2; optax.scale_by_belief.
 *
 * @example
 * ```ts
 * import { chain, samTransform, scale, scaleByBelief } from '@steppe/transforms';
 *
 * console.log(chain(samTransform(0.05), scaleByBelief(), scale(-1e-3)).gradientCost); // => 2
 * ```
 */
export function scaleByBelief(options: AdamOptions = {}): GradientTransformation<AdamState> {
  return quotientOfMoments(
    'scaleByBelief',
    options,
    (s, grads, mean, { b2, epsilon }) => {
      const surprise = minus(grads, mean);
      return map(decayed(s, times(surprise, surprise), b2), (x) => tf.add(x, epsilon));
    },
    1e-16,
  );
}
