import { leaves, map, type Tree } from '@steppe/tree';
import type { Select } from '../contract.ts';

/** The first paths of a tree, for messages. */
function pathsOf(tree: Tree): string {
  const paths = leaves(tree).map(({ path }) => `"${path || '.'}"`);
  const more = paths.length > 8 ? ` and ${paths.length - 8} more` : '';
  return paths.slice(0, 8).join(', ') + more;
}

/** Refuses a choice of leaves that chooses none, which would otherwise do nothing without a word; a tree without leaves
 * has none to choose. */
export function checkSelection(what: string, tree: Tree, select: Select, of = 'parameters'): void {
  const all = leaves(tree);
  if (all.length > 0 && !all.some(({ path, leaf }) => select(path, leaf)))
    throw new Error(`${what} chooses no leaf of the ${of}, whose paths are ${pathsOf(tree)}.`);
}

/** Refuses groups of which not exactly one has each leaf, and a group without leaves. */
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

/** The tree with `null` in place of every leaf that is not chosen: the same structure, fewer leaves. */
export const only = <P extends Tree>(tree: P, select: Select): P =>
  map(tree, (leaf, path) => (select(path, leaf) ? leaf : null));

/** The leaves of `inner` where it has them, those of `outer` elsewhere. */
export function merge<P extends Tree>(outer: P, inner: Tree): P {
  const chosen = new Map(leaves(inner).map(({ path, leaf }) => [path, leaf]));
  return map(outer, (leaf, path) => chosen.get(path) ?? leaf);
}
