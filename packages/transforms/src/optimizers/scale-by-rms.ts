import { aNumber, belowOne, checkOptions, nonNegative } from '@steppe/check';
import { decayed, map2, type Tree, times, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { stateful } from '../links/lift.ts';

/** The mean of squared gradients, with the structure of the parameters. */
export type RmsState = { readonly meanSquare: Tree };

/**
 * Divides the gradient by the root of its mean square, as optax does: v ← β·v + (1 - β)·g², g ↦ g / √(v + ε).
 *
 * @param options - `decay` β in [0, 1). @defaultValue 0.9; `epsilon`. @defaultValue 1e-8
 * @throws When the decay is not in [0, 1).
 * @see Tieleman & Hinton, RMSProp, 2012; optax.scale_by_rms.
 *
 * @example
 * ```ts
 * import { chain, samTransform, scale, scaleByRms } from '@steppe/transforms';
 *
 * console.log(chain(samTransform(0.05), scaleByRms(), scale(-1e-3)).gradientCost); // => 2
 * ```
 */
export function scaleByRms(
  options: { readonly decay?: number; readonly epsilon?: number } = {},
): GradientTransformation<RmsState> {
  checkOptions('scaleByRms', options, { decay: aNumber(belowOne), epsilon: aNumber(nonNegative) });
  const { decay = 0.9, epsilon = 1e-8 } = options;
  return stateful(
    (params): RmsState => ({ meanSquare: zerosLike(params) }),
    (grads, state) => {
      const meanSquare = decayed(state.meanSquare, times(grads, grads), decay);
      const updates = map2(grads, meanSquare, (g, v) => tf.div(g, tf.sqrt(tf.add(v, epsilon))));
      return [updates, { meanSquare }];
    },
    call('scaleByRms', { decay, epsilon }),
  );
}
