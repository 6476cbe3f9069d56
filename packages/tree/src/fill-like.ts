import type { Tensor } from '@tensorflow/tfjs-core';
import { map } from './map.ts';
import { pure } from './ownership.ts';
import type { Tree } from './tree.ts';

/**
 * Makes a tree with the structure of another and new tensors in it, such as random directions in the space of the
 * parameters.
 *
 * @param f - Gives the tensor that stands in the place of a leaf, from its shape and its number, counted from 0.
 * @throws When `f` gives a tensor of another shape, with the path of the leaf.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { foldIn, key, normal } from '@steppe/random';
 * import { fillLike } from '@steppe/tree';
 *
 * const params = { kernel: tf.zeros([2, 3]), bias: tf.zeros([3]) };
 * const direction = fillLike(params, (shape, i) => normal(foldIn(key(0), i), shape));
 * console.log(direction.kernel.shape, direction.bias.shape); // => [ 2, 3 ] [ 3 ]
 * ```
 */
export function fillLike<T extends Tree>(tree: T, f: (shape: number[], index: number) => Tensor): T {
  let index = 0;
  return pure(() =>
    map(tree, ({ shape }, path) => {
      const filled = f([...shape], index++);
      if (filled.shape.join() !== shape.join())
        throw new Error(
          `"${path || '.'}" has shape [${shape}], it cannot be filled with a tensor of [${filled.shape}].`,
        );
      return filled;
    }),
  );
}
