import { foldIn, type Key, key, normal, split } from '@steppe/random';
import { map, norm, scaled, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { type Count, increment, valueAt, zeroCount } from '../counted.ts';
import { displaceBy } from '../displace-by.ts';
import { checkNorm } from '../epsilon-hat.ts';
import { checkRho } from '../sam-transform.ts';

/** The state of a random link: its key, and the count for schedules. */
export type RandomState = Count & { readonly key: Key };

/** A tree of normal numbers with the structure of another, each leaf from a key of its own. */
export function normalLike<P extends Tree>(tree: P, parent: Key): P {
  let index = 0;
  return map(tree, (leaf) => normal(foldIn(parent, index++), leaf.shape as [number]));
}

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
  return displaceBy(
    (): RandomState => ({ ...zeroCount(), key: key(seed) }),
    (state, params) => {
      const [now] = split(state.key);
      const z = normalLike(params, now);
      const factor = tf.div(valueAt(rho, state), norm(z, p)) as Scalar;
      return scaled(z, factor);
    },
    (grads, state) => {
      const [, next] = split(state.key);
      return [grads, { ...increment(state), key: next }];
    },
    { name: 'random' },
  );
}
