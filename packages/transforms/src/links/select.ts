import { refusal } from '@steppe/check';
import { leaves, map, type Tree } from '@steppe/tree';
import type { Select } from '../contract.ts';

/** The first paths of a tree, for messages. */
function pathsOf(tree: Tree): string {
  const paths = leaves(tree).map(({ path }) => `"${path || '.'}"`);
  const more = paths.length > 8 ? ` and ${paths.length - 8} more` : '';
  return paths.slice(0, 8).join(', ') + more;
}

/**
 * Refuses a choice of leaves that chooses none, which would otherwise do nothing without a word; a tree without leaves
 * has none to choose.
 *
 * @param what - What the message calls the choice.
 * @param of - What it calls the tree. @defaultValue parameters
 * @throws When there are leaves and none is chosen, with the paths that there are.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { checkSelection } from '@steppe/transforms/parts';
 *
 * try {
 *   checkSelection('mine', { kernel: tf.scalar(1) }, (path) => path === 'kernel');
 * } catch (error) {
 *   console.log((error as Error).message); // => mine chooses no leaf of the parameters, whose paths are ".kernel".
 * }
 * ```
 */
export function checkSelection(what: string, tree: Tree, select: Select, of = 'parameters'): void {
  const all = leaves(tree);
  const answers: readonly unknown[] = all.map(({ path, leaf }) => select(path, leaf));
  const promise = answers.find((answer) => answer instanceof Promise);
  if (promise) throw refusal(`The answer of ${what}`, 'true or false', promise);
  if (all.length > 0 && !answers.some(Boolean))
    throw new Error(`${what} chooses no leaf of the ${of}, whose paths are ${pathsOf(tree)}.`);
}

/**
 * Refuses groups of which not exactly one has each leaf, and a group without leaves.
 *
 * @param what - What the message calls the groups.
 * @throws When a leaf is in none or in two, or a group has none, with the paths.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { checkAssignment } from '@steppe/transforms/parts';
 *
 * try {
 *   checkAssignment('mine', { kernel: tf.scalar(1) }, { biases: { select: (path) => path.endsWith('.bias') } });
 * } catch (error) {
 *   console.log((error as Error).message); // => Every leaf belongs to one group: ".kernel" is selected by none of biases.
 * }
 * ```
 */
export function checkAssignment(
  what: string,
  params: Tree,
  groups: { readonly [name: string]: { readonly select: Select } },
): void {
  for (const { path, leaf } of leaves(params)) {
    const names = Object.keys(groups).filter((name) => groups[name]?.select(path, leaf));
    if (names.length !== 1)
      throw new Error(
        `Every leaf belongs to one group: "${path || '.'}" is selected by ${names.length === 0 ? 'none' : names.join(' and ')} of ${Object.keys(groups).join(', ')}.`,
      );
  }
  for (const [name, { select }] of Object.entries(groups)) checkSelection(`Group "${name}" of ${what}`, params, select);
}

/**
 * Gives the tree with `null` in place of every leaf that is not chosen: the same structure, fewer leaves.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { only } from '@steppe/transforms/parts';
 *
 * console.log(only({ kernel: tf.scalar(1), bias: tf.scalar(2) }, (path) => path === '.kernel').bias); // => null
 * ```
 */
export const only = <P extends Tree>(tree: P, select: Select): P =>
  map(tree, (leaf, path) => (select(path, leaf) ? leaf : null));

/**
 * Gives the leaves of `inner` where it has them, those of `outer` elsewhere: what undoes `only`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { merge } from '@steppe/transforms/parts';
 *
 * const merged = merge({ kernel: tf.scalar(1), bias: tf.scalar(2) }, { kernel: tf.scalar(5), bias: null });
 * console.log(merged.kernel.arraySync(), merged.bias.arraySync()); // => 5 2
 * ```
 */
export function merge<P extends Tree>(outer: P, inner: Tree): P {
  const chosen = new Map(leaves(inner).map(({ path, leaf }) => [path, leaf]));
  return map(outer, (leaf, path) => chosen.get(path) ?? leaf);
}
