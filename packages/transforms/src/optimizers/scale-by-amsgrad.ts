import { checkOptions, oneOf } from '@steppe/check';
import { decayed, map2, type Tree, times, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { increment, zeroCount } from '../links/counted.ts';
import { stateful } from '../links/lift.ts';
import { type AdamOptions, type AdamState, biasCorrection, momentOptions } from './moments.ts';

/** The moments of Adam, and the largest mean square so far, each with the structure of the parameters. */
export type AmsgradState = AdamState & { readonly largest: Tree };

export type AmsgradOptions = AdamOptions & {
  /** Whether both moments are divided by 1 - βᵗ, as optax and PyTorch do with Adam's; the papers of AMSGrad and AdaSAM do
   * not. @defaultValue true */
  readonly biasCorrection?: boolean;
};

/**
 * Divides the mean of gradients by the root of the largest mean square so far, so that no weight's rate grows again:
 * m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², v̂ ← max(v̂, v/(1-β₂ᵗ)), and gives (m/(1-β₁ᵗ)) / (√v̂ + ε).
 *
 * The maximum is of the corrected mean squares, as in optax; PyTorch corrects the maximum of the uncorrected ones.
 * `biasCorrection: false` is the paper's, without both divisions. AdaSAM is that behind `samTransform`, with v̂ from ε²
 * on in place of the ε added.
 *
 * @throws When a decay is not in [0, 1), or an option is unknown.
 * @see Reddi et al., On the Convergence of Adam and Beyond, ICLR 2018, Algorithm 2; optax.scale_by_amsgrad.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaleByAmsgrad } from '@steppe/transforms';
 *
 * const link = scaleByAmsgrad({ b1: 0, b2: 0 }); // the last gradient over the largest
 * const w = tf.scalar(0);
 * const gradient = (g: number) => () => ({ value: tf.scalar(0), grads: tf.scalar(g), aux: null });
 * const [, state] = link.update(gradient(8), link.init(w), w, null);
 * console.log(link.update(gradient(2), state, w, null)[0].grads.arraySync().toFixed(2)); // => 0.25
 * ```
 */
export function scaleByAmsgrad(options: AmsgradOptions = {}): GradientTransformation<AmsgradState> {
  checkOptions('scaleByAmsgrad', options, { ...momentOptions, biasCorrection: oneOf(true, false) });
  const { b1 = 0.9, b2 = 0.999, epsilon = 1e-8, biasCorrection: corrected = true } = options;
  return stateful(
    (params): AmsgradState => ({
      ...zeroCount(),
      mean: zerosLike(params),
      meanSquare: zerosLike(params),
      largest: zerosLike(params),
    }),
    (grads, state) => {
      const count = increment(state);
      const mean = decayed(state.mean, grads, b1);
      const meanSquare = decayed(state.meanSquare, times(grads, grads), b2);
      const [meanScale, squareScale] = corrected ? [biasCorrection(b1, count), biasCorrection(b2, count)] : [1, 1];
      const largest = map2(state.largest, meanSquare, (most, v) => tf.maximum(most, tf.div(v, squareScale)));
      const numerators = map2(grads, mean, (_, m) => tf.div(m, meanScale));
      const updates = map2(numerators, largest, (m, v) => tf.div(m, tf.add(tf.sqrt(v), epsilon)));
      return [updates, { ...count, mean, meanSquare, largest }];
    },
    call('scaleByAmsgrad', options),
  );
}
