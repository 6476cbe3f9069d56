import { aNumber, belowOne, checkOptions } from '@steppe/check';
import { decayed, map2, type Tree, zerosLike } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { stateful } from '../links/lift.ts';
import { signs } from '../sam/exact.ts';

/** The mean of gradients, with the structure of the parameters. */
export type LionState = { readonly mean: Tree };

/**
 * Gives the sign of an interpolated momentum, as Lion does: sign(β₁·m + (1 - β₁)·g), m ← β₂·m + (1 - β₂)·g.
 *
 * @param options - `b1`. @defaultValue 0.9; `b2`. @defaultValue 0.99
 * @throws When a decay is not in [0, 1).
 * @see Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023, Algorithm 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaleByLion } from '@steppe/transforms';
 *
 * const lion = scaleByLion();
 * const w = tf.scalar(0);
 * console.log(lion.update(() => ({ value: tf.scalar(0), grads: tf.scalar(5), aux: null }), lion.init(w), w, null)[0].grads.arraySync()); // => 1
 * ```
 */
export function scaleByLion(
  options: { readonly b1?: number; readonly b2?: number } = {},
): GradientTransformation<LionState> {
  checkOptions('scaleByLion', options, { b1: aNumber(belowOne), b2: aNumber(belowOne) });
  const { b1 = 0.9, b2 = 0.99 } = options;
  return stateful(
    (params): LionState => ({ mean: zerosLike(params) }),
    (grads, state) => [
      map2(grads, decayed(state.mean, grads, b1), (_, direction) => signs(direction)),
      { mean: decayed(state.mean, grads, b2) },
    ],
    call('scaleByLion', { b1, b2 }),
  );
}
