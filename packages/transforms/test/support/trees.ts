import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { type Plan, plans as plansOf, plant } from '../../src/laws/plans.ts';

export { corners, type Plan, plant, rich } from '../../src/laws/plans.ts';

/** Any tree. */
export const plans = (values?: fc.Arbitrary<number>): fc.Arbitrary<Plan> => plansOf(fc, values);

/** All that can be seen of a tree: paths, types, shapes and the bits of the numbers. */
export const bits = (tree: Tree): readonly string[] =>
  leaves(tree).map(({ path, leaf }) => `${path} ${leaf.dtype} [${leaf.shape}] ${hex(leaf)}`);

/** The bits alone, leaf after leaf: what two trees of different nesting share. */
export const flatBits = (tree: Tree): readonly string[] => leaves(tree).map(({ leaf }) => `${leaf.dtype} ${hex(leaf)}`);

function hex(leaf: tf.Tensor): string {
  const data = leaf.dataSync();
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

/** The numbers of a tree, leaf after leaf, as float64. */
export const numbers = (tree: Tree): number[] => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]);

/** Runs `f` on a tree of `plan` and frees the tree and what `f` gives. */
export function withTree<T>(plan: Plan, f: (tree: Tree) => T): T {
  const tree = plant(plan);
  try {
    return tf.tidy(() => f(tree) as tf.TensorContainer) as T;
  } finally {
    dispose(tree);
  }
}
