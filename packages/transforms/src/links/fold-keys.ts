import { foldIn, isKey } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { isStepBatch } from './examples.ts';

function folded(tree: Tree, index: number): Tree {
  // The model's state is one for all.
  if (isStepBatch(tree)) return { ...tree, batch: folded(tree.batch, index), key: foldIn(tree.key, index) };
  if (typeof tree !== 'object' || tree === null || tree instanceof tf.Tensor) return tree;
  if (isKey(tree)) return foldIn(tree, index);
  if (Array.isArray(tree)) return tree.map((child: Tree) => folded(child, index));
  return Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, folded(child as Tree, index)]));
}

/**
 * Gives a slice of a batch random keys of its own, k ↦ foldIn(k, index): slices must not share one dropout mask, and
 * nested ones must not meet again.
 *
 * @param index - The number of the slice, from 0.
 *
 * @example
 * ```ts
 * import { foldIn, key } from '@steppe/random';
 * import { foldKeys } from '@steppe/transforms/parts';
 *
 * const slice = foldKeys({ key: key(1) }, 2);
 * console.log(JSON.stringify(slice.key) === JSON.stringify(foldIn(key(1), 2))); // => true
 * ```
 */
export const foldKeys = <Batch extends Tree>(batch: Batch, index: number): Batch => folded(batch, index) as Batch;
