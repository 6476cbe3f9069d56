import * as tf from '@tensorflow/tfjs-core';
import { map2 } from '../map.ts';
import { pure } from '../ownership.ts';
import type { Tree } from '../tree.ts';

/**
 * Multiplies two trees entry by entry: a ⊙ b.
 *
 * @throws When a leaf has no partner, with its path.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { times } from '@steppe/tree';
 *
 * console.log(times({ w: tf.tensor1d([1, 2]) }, { w: tf.tensor1d([3, 4]) }).w.arraySync()); // => [ 3, 8 ]
 * ```
 */
export function times<T extends Tree>(a: T, b: Tree): T {
  return pure(() => map2(a, b, (x, y) => tf.mul(x, y)));
}
