import { norm, normalized, ratio, scaled, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { stateful } from '../links/lift.ts';

/** √(Σ‖g‖²), the root of the sum of the squared lengths of all gradients so far. */
export type LengthState = { readonly length: Scalar };

export const noLength = (): LengthState => ({ length: tf.scalar(0) });

/** A gradient as ‖g‖/√v times its direction, v with its own length in it; the norm of two lengths scales by the larger,
 * so no square leaves float32. */
export function shareOf<P extends Tree>(
  grads: P,
  state: LengthState,
): { readonly direction: P; readonly share: Scalar; readonly next: LengthState } {
  const { tree, norm: own } = normalized(grads);
  // Of a tensor: lists have a length too, and a tree skips what is none.
  const length = norm([state.length.clone(), own]);
  return { direction: tree, share: ratio(own, length), next: { length } };
}

/**
 * Divides the gradient by the root of the sum of all squared lengths so far, as AdaGrad with one number for all weights:
 * v ← v + ‖g‖₂², g ↦ g/√v.
 *
 * The first gradient becomes a unit, so the rate behind it is a length. A zero gradient gives zero. The root of v is
 * kept, and nothing is added to it.
 *
 * @see Ward, Wu & Bottou, AdaGrad Stepsizes: Sharp Convergence over Nonconvex Landscapes, ICML 2019.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaleByAdagradNorm } from '@steppe/transforms';
 *
 * const link = scaleByAdagradNorm();
 * const three = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.fill(w.shape, 3), aux: null });
 * const w = tf.scalar(0);
 * const [first, state] = link.update(three, link.init(w), w, null);
 * const [second] = link.update(three, state, w, null);
 * console.log(first.grads.arraySync(), second.grads.dataSync()[0]?.toFixed(3)); // => 1 0.707
 * ```
 */
export const scaleByAdagradNorm = (): GradientTransformation<LengthState> =>
  stateful(
    noLength,
    (grads, state) => {
      const { direction, share, next } = shareOf(grads, state);
      return [scaled(direction, share), next];
    },
    call('scaleByAdagradNorm'),
  );
