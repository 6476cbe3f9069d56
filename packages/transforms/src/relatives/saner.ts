import { checkNumber, weight } from '@steppe/check';
import { map2 } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import type { Count } from '../links/counted.ts';
import { withClean } from '../links/with-clean.ts';
import type { Radius } from '../sam/ball.ts';
import { signs } from '../sam/exact.ts';
import { samTransform } from '../sam/sam-transform.ts';

/**
 * Makes SANER, for noisy labels: the entries of SAM's gradient g′ = ∇L(w + ε̂) that are shorter than those of g, in the
 * same direction, are shortened further, g ↦ α·g′ where 0 < g′/g < 1, g′ elsewhere.
 *
 * The authors find that the gradients of wrong labels dominate those entries. α = 1 is `samTransform(rho)`, and the authors' code has α = 0
 * by default. It adds 10⁻⁸ to g before the division; here the two are compared as they are, at every scale.
 *
 * @param rho - As for `samTransform`.
 * @param alpha - α in [0, 1]: 0 is the strongest, 1 is SAM. @defaultValue 0
 * @throws When alpha is outside of [0, 1], or as `samTransform`.
 * @see Luong et al., Understanding SAM's Robustness to Noisy Labels through Gradient Down-weighting, AISTATS 2026;
 * lhchau/sam-label-noise.
 *
 * @example
 * ```ts
 * import { chain, saner, sgd } from '@steppe/transforms';
 *
 * console.log(chain(saner(0.1, 0.5), sgd(0.1)).gradientCost); // => 2
 * ```
 */
export function saner(rho: Radius, alpha = 0, p = 2): GradientTransformation<Count> {
  checkNumber('alpha', alpha, weight);
  return withClean(
    samTransform(rho, p),
    (clean, sharp) =>
      map2(sharp, clean, (s, g) => {
        const shrunk = tf.logicalAnd(tf.equal(signs(s), signs(g)), tf.less(tf.abs(s), tf.abs(g)));
        return tf.where(shrunk, tf.mul(s, alpha), s);
      }),
    call('saner', rho, alpha, p),
  );
}
