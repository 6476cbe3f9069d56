import { norm, normalized, type Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkLink } from '../links/check-link.ts';
import { textOf } from '../links/text-of.ts';
import { withClean } from '../links/with-clean.ts';

/**
 * Gives what a link makes of the gradient the length of the clean gradient: g ↦ ‖g‖₂·g′/‖g′‖₂ with g′ = link(g).
 *
 * With `samTransform` inside it is Stable SAM (SSAM), which takes larger learning rates than SAM. The norms are global,
 * over all leaves jointly; g′ = 0 gives 0.
 *
 * @param link - A link of which the evaluation is the one at w, such as `samTransform`; one that turns the gradient
 * around is refused, since its learning rate would be undone.
 * @throws When the link is none, or has a negative sign as `sgd(0.1)`.
 * @see Tan et al., Stabilizing Sharpness-Aware Minimization Through A Simple Renormalization Strategy, JMLR 2025.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { renormalized, samTransform } from '@steppe/transforms';
 *
 * const link = renormalized(samTransform(0.5));
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.tensor1d([3, 4]);
 * const [{ grads }] = link.update(gradient, link.init(w), w, null);
 * console.log([...grads.dataSync()].map((x) => x.toFixed(1))); // => [ '6.0', '8.0' ]
 * ```
 */
export function renormalized<State extends Tree, Seen extends Tree = Tree>(
  link: GradientTransformation<State, Seen>,
): GradientTransformation<State, Seen> {
  checkLink('link', link);
  if (link.sign === -1)
    throw new Error(
      `renormalized would undo the learning rate of ${textOf(link)}: put it behind, chain(renormalized(...), ...).`,
    );
  return withClean(link, (clean, given) => normalized(given, norm(clean)).tree, call('renormalized', link));
}
