import { leaves } from './fold.ts';
import type { Tree } from './tree.ts';

/**
 * Refuses parameters that no step could train: tensors that are no float32, and one tensor in two places, as tied
 * weights are in other libraries.
 *
 * Integers have no derivative, and what is added to them is rounded away. Each place has a gradient and a step of its own,
 * so tied weights would part at the first step without a word: a weight that is used twice stands in the tree once, and
 * the loss uses it twice, so that its gradient is the sum of both.
 *
 * @throws When a tensor has another type or stands in two places, with its path or paths and what to do.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { checkParameters, type Tree } from '@steppe/tree';
 *
 * const embedding = tf.ones([4, 2]);
 * checkParameters({ embedding, bias: tf.zeros([4]) });
 * const refusalOf = (params: Tree) => {
 *   try {
 *     return checkParameters(params);
 *   } catch (error) {
 *     return String(error).split(': ')[1];
 *   }
 * };
 * console.log(refusalOf({ embedding, output: embedding })); // => One tensor stands at ".embedding" and ".output"
 * console.log(refusalOf({ steps: tf.scalar(3, 'int32') })); // => Parameters are float32, got int32 at ".steps"
 * ```
 */
export function checkParameters(params: Tree): void {
  const places = new Map<number, string>();
  for (const { path, leaf } of leaves(params)) {
    if (leaf.dtype !== 'float32')
      throw new Error(`Parameters are float32, got ${leaf.dtype} at "${path || '.'}": cast it, or keep it elsewhere.`);
    const first = places.get(leaf.id);
    if (first !== undefined)
      throw new Error(
        `One tensor stands at "${first}" and "${path}": keep one and use it twice in the loss, or make the other a tf.clone.`,
      );
    places.set(leaf.id, path);
  }
}
