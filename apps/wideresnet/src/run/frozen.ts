import type { Select } from '@steppe/transforms';
import { call } from '@steppe/transforms/parts';
import { leaves, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';

/** What is frozen where all is but the classifier at the end. */
const allButHead = 'all-but-head';

const isHead = (path: string): boolean => path.startsWith('.dense.');

const isIn = (path: string, part: string): boolean =>
  part === allButHead
    ? !isHead(path)
    : path === `.${part}` || path.startsWith(`.${part}.`) || path.startsWith(`.${part}[`);

/** Chooses the leaves of some parts of a network: `stem,stages[0]`, or all but the classifier. */
export function frozenParts(text: string): Select {
  const parts = text.split(',');
  return Object.assign<Select, object>((path) => parts.some((part) => isIn(path, part)), {
    made: call('parts', text).made,
  });
}

/** The leaves that are trained: all but those of frozen parts. */
export function trainedLeaves(text: string | undefined, params: Tree): readonly Tensor[] {
  const select = text === undefined ? () => false : frozenParts(text);
  return leaves(params).flatMap(({ path, leaf }) => (select(path, leaf) ? [] : [leaf]));
}

/** The parts of a network that can be named: its first branches, and those of the lists among them. */
const partsOf = (params: Tree): readonly string[] => [
  ...new Set(leaves(params).map(({ path }) => /^\.(\w+(\[\d+\])?)/.exec(path)?.[1] ?? path)),
];

/**
 * Refuses parts that a network has not, and to freeze all that it has.
 *
 * @throws When a part names no leaf, with those that there are.
 */
export function checkFrozen(text: string | undefined, params: Tree): void {
  if (text === undefined) return;
  const all = leaves(params);
  for (const part of text.split(','))
    if (!all.some(({ path }) => isIn(path, part)))
      throw new CommandError(
        `--freeze must name parts of the network, ${allButHead} or some of ${partsOf(params).join(', ')}, got ${JSON.stringify(part)}.`,
      );
  const select = frozenParts(text);
  if (all.every(({ path, leaf }) => select(path, leaf)))
    throw new CommandError('--freeze leaves nothing to train: leave a part out.');
}

/** What is worth a line about it. */
export const remarksOnFrozen = ({ freeze, compare }: Pick<Options, 'freeze' | 'compare'>): readonly string[] =>
  freeze === undefined || compare === 'none'
    ? []
    : ['note: sharpness is measured over the weights that are trained, not over frozen ones'];
