import * as tf from '@tensorflow/tfjs-core';
import { leaves } from './fold.ts';
import { map } from './map.ts';
import type { Tree } from './tree.ts';

/**
 * Makes a tree of zeros with the structure, shapes and types of another: the start of every moment and momentum.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { zerosLike } from '@steppe/tree';
 *
 * console.log(zerosLike({ w: tf.ones([2]) }).w.arraySync()); // => [ 0, 0 ]
 * ```
 */
export function zerosLike<T extends Tree>(tree: T): T {
  return map(tree, (leaf) => tf.zerosLike(leaf));
}

/**
 * Copies a tree, so that the copy and the original are freed independently; the numbers themselves are shared.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { clone, dispose } from '@steppe/tree';
 *
 * const params = { w: tf.scalar(1) };
 * const kept = clone(params);
 * dispose(params);
 * console.log(kept.w.arraySync()); // => 1
 * ```
 */
export function clone<T extends Tree>(tree: T): T {
  return map(tree, (leaf) => tf.clone(leaf));
}

/**
 * Frees every tensor of some trees; a tensor that is already freed, or stands in two places, is no error.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { dispose } from '@steppe/tree';
 *
 * const before = tf.memory().numTensors;
 * dispose({ w: tf.ones([2]), layers: [tf.zeros([3])] });
 * console.log(tf.memory().numTensors - before); // => 0
 * ```
 */
export function dispose(...trees: readonly Tree[]): void {
  for (const { leaf } of leaves(trees)) if (!leaf.isDisposed) leaf.dispose();
}

/**
 * Runs a function of tensors as a pure one: frees what it made on the way and returns results that are the caller's
 * alone.
 *
 * `tf.tidy` frees the intermediates; this also gives a copy of a result that `f` did not make itself, or that stands
 * twice in the result, so that whoever frees a result frees nothing else.
 *
 * @throws When `f` does; nothing that `f` made before is left.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { pure } from '@steppe/tree';
 *
 * const w = tf.tensor1d([1, 2]);
 * const result = pure(() => ({ same: w, sum: tf.sum(tf.square(w)) }));
 * console.log(result.same === w, result.sum.arraySync()); // => false 5
 * ```
 */
export function pure<T extends Tree>(f: () => T): T {
  const owned = (): T => {
    const { id: scope } = tf.engine().state.activeScope;
    const taken = new Set<number>();
    return map(f(), (leaf) => {
      // tfjs notes the scope that a tensor lives in, which ends with the one around it.
      const result = leaf.scopeId !== scope || taken.has(leaf.id) ? tf.clone(leaf) : leaf;
      taken.add(result.id);
      return result;
    });
  };
  // tf.tidy walks any nested container, but its type knows only mutable ones.
  return tf.tidy(owned as () => tf.TensorContainer) as T;
}
