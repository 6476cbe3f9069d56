import { leaves, type Tree } from '@steppe/tree';
import { Tensor } from '@tensorflow/tfjs-core';

/** All that can be seen of a tree: a line for every tensor, its type, shape and numbers in full, and with `path` also
 * where it stands. Two numbers are written alike only if they are the same bits, NaN aside. */
export type Seen = readonly string[];

const spelled = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

async function lines(tree: Tree, head: (path: string) => string): Promise<Seen> {
  const all = leaves(tree);
  const freed = all.find(({ leaf }) => leaf.isDisposed);
  if (freed) throw new Error(`the tensor at "${freed.path || '.'}" is freed`);
  return Promise.all(
    all.map(async ({ path, leaf }) => {
      // Read by a promise: a tensor on WebGPU has no other way everywhere.
      const values = Array.from(await leaf.data(), spelled);
      return `${head(path)}${leaf.dtype} [${leaf.shape}] ${values.join(' ')}`;
    }),
  );
}

export const seen = (tree: Tree): Promise<Seen> => lines(tree, (path) => `"${path || '.'}" `);

/** Leaf after leaf, without paths: what two trees of different nesting share. */
export const flat = (tree: Tree): Promise<Seen> => lines(tree, () => '');

/** A tree's structure and plain data, such as phases and keys, without its tensors. */
export const plain = (tree: Tree): string =>
  JSON.stringify(tree, (_, value: unknown) => (value instanceof Tensor ? 'tensor' : value)) ?? 'nothing';

/** Refuses lines that differ, with the first that does. */
export function expectSame(what: string, got: Seen, expected: Seen): void {
  const at = Array.from({ length: Math.max(got.length, expected.length) }).findIndex((_, i) => got[i] !== expected[i]);
  if (at >= 0) throw new Error(`${what} is ${got[at] ?? 'nothing'}, expected ${expected[at] ?? 'nothing'}`);
}
