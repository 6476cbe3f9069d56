import { aNumber, type Check } from '@steppe/check';
import { foldIn, type Key, key, normal, split } from '@steppe/random';
import { asScalar, fillLike, norm, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { displaceBy } from '../links/displace-by.ts';
import { checkNorm } from '../sam/norm-exponent.ts';
import { checkRho } from '../sam/sam-transform.ts';

/** The state of a random link: its key, and the count for schedules. */
export type RandomState = Count & { readonly key: Key };

/** Refuses a seed that makes no key. */
export const checkSeed: Check = aNumber(['a whole number of at least 0', (x) => Number.isSafeInteger(x) && x >= 0]);

/**
 * Evaluates the gradient at a random point nearby: g ↦ ∇L(w + ρ·z/‖z‖ₚ), z normal. The paper's ablation: SAM beats it.
 *
 * It costs one gradient; loss, aux and report are those of the displaced point.
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @param seed - Of the random directions.
 * @throws When rho is negative or not finite, or p is below 1.
 * @see Foret et al., ICLR 2021, appendix C.5; the ‖z‖₂² printed there is a typo, which would not have norm ρ.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { random } from '@steppe/transforms';
 *
 * const link = random(0.5, 7);
 * const w = tf.tensor1d([0, 0, 0]);
 * const [{ grads }] = link.update((at: tf.Tensor) => ({ value: tf.scalar(0), grads: at, aux: null }), link.init(w), w, null);
 * console.log(tf.norm(grads).arraySync()?.toString().slice(0, 4)); // => 0.5
 * ```
 */
export function random(rho: number | Schedule, seed: number, p = 2): GradientTransformation<RandomState> {
  checkRho(rho);
  checkNorm(p);
  checkSeed('seed', seed);
  return displaceBy(
    (): RandomState => ({ ...zeroCount(), key: key(seed) }),
    (state, params) => {
      const [now] = split(state.key);
      const z = fillLike(params, (shape, i) => normal(foldIn(now, i), shape));
      const factor = asScalar(tf.div(valueAt(rho, state), norm(z, p)));
      return scaled(z, factor);
    },
    (grads, state) => {
      const [, next] = split(state.key);
      return [grads, { ...increment(state), key: next }];
    },
    call('random', rho, seed, p),
  );
}
