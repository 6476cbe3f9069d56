import { checkFunction } from '@steppe/check';
import { dispose, type Tree } from '@steppe/tree';
import { gradientOf, type Loss } from './gradient.ts';

/**
 * Lists the parameters that a loss does not depend on, by path: those that `valueAndGrad` gives zero gradients, and
 * that no step changes.
 *
 * It costs one gradient; call it once, before training.
 *
 * @param loss - As for `valueAndGrad`; here it may use none of the parameters.
 * @throws When the loss is not a function; at the call, as `valueAndGrad`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { unusedLeaves } from '@steppe/autograd';
 *
 * const params = { w: tf.scalar(1), layers: [{ bias: tf.scalar(0) }] };
 * console.log(unusedLeaves(({ w }: typeof params) => tf.square(w), params, null)); // => [ '.layers[0].bias' ]
 * ```
 */
export function unusedLeaves<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batch: Batch,
): readonly string[] {
  checkFunction('loss', loss);
  let found: readonly string[] = [];
  const note = (paths: readonly string[]): void => {
    found = paths;
  };
  dispose(gradientOf(loss, note)(params, batch));
  return found;
}
