import { leaves, map, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Chooses leaves of the parameters by path (`.layers[2].kernel`) and tensor: by what is known of it, its shape, not by its values. */
export type Select = (path: string, leaf: Tensor) => boolean;

/** The tree with `null` in place of every leaf that is not chosen: the same structure, fewer leaves. */
export const only = <P extends Tree>(tree: P, select: Select): P =>
  map(tree, (leaf, path) => (select(path, leaf) ? leaf : null));

/** The leaves of `inner` where it has them, those of `outer` elsewhere. */
export function merge<P extends Tree>(outer: P, inner: Tree): P {
  const chosen = new Map(leaves(inner).map(({ path, leaf }) => [path, leaf]));
  return map(outer, (leaf, path) => chosen.get(path) ?? leaf);
}
