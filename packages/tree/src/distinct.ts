import { leaves } from './fold.ts';
import type { Tree } from './tree.ts';

/**
 * Refuses parameters in which one tensor stands in two places, as tied weights do in other libraries.
 *
 * Each place has a gradient and a step of its own, so the two would part at the first step without a word. A weight that
 * is used twice stands in the tree once, and the loss uses it twice: its gradient is then the sum of both.
 *
 * @throws When a tensor stands in two places, with both paths.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { checkDistinct } from '@steppe/tree';
 *
 * const embedding = tf.ones([4, 2]);
 * checkDistinct({ embedding, bias: tf.zeros([4]) });
 * try {
 *   checkDistinct({ embedding, output: embedding });
 * } catch (error) {
 *   console.log((error as Error).message.slice(0, 47)); // => One tensor stands at ".embedding" and ".output"
 * }
 * ```
 */
export function checkDistinct(params: Tree): void {
  const places = new Map<number, string>();
  for (const { path, leaf } of leaves(params)) {
    const first = places.get(leaf.id);
    if (first !== undefined)
      throw new Error(
        `One tensor stands at "${first}" and "${path}": keep one and use it twice in the loss, or make the other a tf.clone.`,
      );
    places.set(leaf.id, path);
  }
}
