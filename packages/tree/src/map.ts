import { Tensor } from '@tensorflow/tfjs-core';
import type { Tree } from './tree.ts';

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Appends a key to the path of a leaf, written as one would write the access in code: `.layers[2].kernel`. */
export const at = (path: string, key: string | number): string =>
  typeof key === 'string' && identifier.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

type Nodes = { [key: string]: Tree };

/** What stands at a place of a tree: plain data, a leaf, a list or a record; the same where trees agree. */
const sortOf = (tree: Tree): 0 | 1 | 2 | 3 =>
  typeof tree !== 'object' || tree === null ? 0 : tree instanceof Tensor ? 1 : Array.isArray(tree) ? 2 : 3;

const missing = (path: string): Error => new Error(`Trees differ: nothing at "${path || '.'}" to pair with.`);

const endless = (what: string, where: string): Error =>
  new Error(`A tree ends in tensors and plain data, this one holds ${what}: ${where}`);

/** Far longer than the path of any tree that ends. */
const LONGEST_PATH = 2000;

/** The one walk that every function of this package is made of: `f` sees the leaves of `first` and those at the same
 * place in `rest`. */
function walk(
  first: Tree,
  rest: readonly Tree[],
  path: string,
  f: (path: string, ...leaves: readonly Tensor[]) => Tree,
): Tree {
  const sort = sortOf(first);
  if (rest.some((other) => sortOf(other) !== sort)) throw missing(path);
  if (sort === 0) return first;
  if (sort === 1) return f(path, first as Tensor, ...(rest as readonly Tensor[]));
  if (first instanceof Promise) {
    // It may reject later, which would end a Node process.
    first.catch(() => null);
    throw endless('a promise, as async functions give it', path || '.');
  }
  if (path.length > LONGEST_PATH) throw endless('itself, as a model does', `${path.slice(0, 60)}…`);
  const below = (key: string): string => at(path, sort === 2 ? Number(key) : key);
  // A copy whose own properties are then replaced: faster than one from entries, and as safe for a key like __proto__.
  const result = (sort === 2 ? [...(first as readonly Tree[])] : { ...(first as Nodes) }) as Nodes;
  for (const other of rest) {
    const odd = Object.keys({ ...result, ...(other as Nodes) }).find(
      (key) => !(Object.hasOwn(result, key) && Object.hasOwn(other as Nodes, key)),
    );
    if (odd !== undefined) throw missing(below(odd));
  }
  for (const key of Object.keys(result))
    result[key] = walk(
      (first as Nodes)[key],
      rest.map((other) => (other as Nodes)[key]),
      below(key),
      f,
    );
  return result;
}

/**
 * Applies a function to every tensor of a tree and keeps its structure.
 *
 * @param tree - Any tree; plain data in it stays as it is.
 * @param f - Gets a leaf and its path (`.layers[2].kernel`; the path of a bare tensor is empty).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map } from '@steppe/tree';
 *
 * const doubled = map({ w: tf.tensor1d([1, 2]), layers: [tf.scalar(3)] }, (leaf) => tf.mul(leaf, 2));
 * console.log(doubled.w.arraySync()); // => [ 2, 4 ]
 * ```
 */
export function map<T extends Tree>(tree: T, f: (leaf: Tensor, path: string) => Tree): T {
  return walk(tree, [], '', (path, leaf) => f(leaf as Tensor, path)) as T;
}

/**
 * Combines two trees of one structure leaf by leaf, as `a + c·b` over parameters does.
 *
 * @returns A tree with the structure and the plain data of `first`.
 * @throws When a leaf of either tree has no partner, with its path:
 * `Trees differ: nothing at ".layers[2].kernel" to pair with.`
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map2 } from '@steppe/tree';
 *
 * const sum = map2({ w: tf.scalar(1) }, { w: tf.scalar(2) }, (a, b) => tf.add(a, b));
 * console.log(sum.w.arraySync()); // => 3
 * ```
 */
export function map2<T extends Tree>(first: T, second: Tree, f: (a: Tensor, b: Tensor, path: string) => Tree): T {
  return walk(first, [second], '', (path, a, b) => f(a as Tensor, b as Tensor, path)) as T;
}

/**
 * Combines any number of trees of one structure leaf by leaf; `map` and `map2` are its first two cases.
 *
 * @param trees - At least one; the first gives the structure and the plain data of the result.
 * @throws When a leaf has no partner in every tree, with its path.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { zip } from '@steppe/tree';
 *
 * const [a, b, c] = [{ w: tf.scalar(1) }, { w: tf.scalar(2) }, { w: tf.scalar(3) }] as const;
 * console.log(zip([a, b, c], (leaves) => tf.addN([...leaves])).w.arraySync()); // => 6
 * ```
 */
export function zip<T extends Tree>(
  trees: readonly [T, ...(readonly Tree[])],
  f: (leaves: readonly Tensor[], path: string) => Tree,
): T {
  const [first, ...rest] = trees;
  return walk(first, rest, '', (path, ...leaves) => f(leaves, path)) as T;
}
