import { dispose, type Tree } from '@steppe/tree';

/** Lends a tree of tensors to a function that ends later, and frees it then, whatever comes. */
export async function withTree<T extends Tree, Result>(tree: T, f: (tree: T) => Promise<Result>): Promise<Result> {
  try {
    return await f(tree);
  } finally {
    dispose(tree);
  }
}
