import { aNumber, belowOne, type Check, checkOptions, oneOf, count as positiveCount } from '@steppe/check';
import { decayed, map2, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, zeroCount } from '../links/counted.ts';
import { stateful } from '../links/lift.ts';
import { biasCorrection } from './moments.ts';
import { orthogonalize } from './orthogonalize.ts';

/** The mean of gradients, with the structure of the parameters. */
export type ScaleByMuonState = Count & { readonly mean: Tree };

export type ScaleByMuonOptions = {
  /** Decay β of the mean of gradients, in [0, 1). @defaultValue 0.95 */
  readonly decay?: number;
  /** Whether the mean looks one step ahead, as Nesterov's does. @defaultValue true */
  readonly nesterov?: boolean;
  /** Newton-Schulz steps. @defaultValue 5 */
  readonly steps?: number;
};

/** The checks of `ScaleByMuonOptions`. */
export const muonOptions: Record<'decay' | 'nesterov' | 'steps', Check> = {
  decay: aNumber(belowOne),
  nesterov: oneOf(true, false),
  steps: aNumber(positiveCount),
};

/**
 * Gives the mean of gradients with all singular values near 1, as Muon does: m ← β·m + (1 - β)·g, and gives
 * orthogonalize(β·m/(1-βᵗ⁺¹) + (1-β)·g/(1-βᵗ)), or orthogonalize(m) without Nesterov's look ahead.
 *
 * Every leaf is taken as a matrix: a kernel `[height, width, in, out]` as `[rest, out]`, a bias as one row. `muon` gives it
 * the matrices and kernels alone. The bias corrections are optax's; the authors' code has none, which differs in the
 * first steps.
 *
 * @throws When an option is unknown or out of its range.
 * @see Jordan et al., Muon, 2024, https://kellerjordan.github.io/posts/muon; optax.contrib.scale_by_muon.
 *
 * @example
 * ```ts
 * import { chain, samTransform, scale, scaleByMuon, scaleByShape } from '@steppe/transforms';
 *
 * console.log(chain(samTransform(0.05), scaleByMuon(), scaleByShape(), scale(-0.02)).gradientCost); // => 2
 * ```
 */
export function scaleByMuon(options: ScaleByMuonOptions = {}): GradientTransformation<ScaleByMuonState> {
  checkOptions('scaleByMuon', options, muonOptions);
  const { decay = 0.95, nesterov = true, steps = 5 } = options;
  return stateful(
    (params): ScaleByMuonState => ({ ...zeroCount(), mean: zerosLike(params) }),
    (grads, state) => {
      const count = increment(state);
      const mean = decayed(state.mean, grads, decay);
      const ahead = tf.div(decay, biasCorrection(decay, increment(count)));
      const now = tf.div(1 - decay, biasCorrection(decay, count));
      const direction = map2(grads, mean, (g, m) => (nesterov ? tf.add(tf.mul(m, ahead), tf.mul(g, now)) : m));
      return [orthogonalize(direction, steps), { ...count, mean }];
    },
    call('scaleByMuon', options),
  );
}
