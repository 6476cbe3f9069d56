import { leaves, type Tree } from '@steppe/tree';
import { ruleOf } from './aux-rules.ts';
import { checkTerm } from './combine.ts';
import { isStepBatch } from './examples.ts';
import type { SliceOptions } from './slice-options.ts';

/** A slice that is evaluated here while others are elsewhere, and what stands in the options of its link. */
export type SliceElsewhere = {
  readonly batch: Tree;
  readonly examples: number;
  readonly aux: SliceOptions<Tree>['aux'];
};

/**
 * Finds what becomes of every leaf that a slice gives, when the others are made elsewhere, as on other workers: the mean
 * over the slices by their shares, or the sum.
 *
 * The sum over all slices from left to right, of floats times the share of their slice and of what a rule sums, is what
 * `microBatch` makes of them in one process, bit for bit. Integers have no mean: those that agree stay.
 *
 * @param name - The link, for messages.
 * @returns The rule of a leaf, by its path.
 * @throws When a leaf has no mean, as in `microBatch`, or its rule is 'concat', which is for one process.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { sliceRules } from '@steppe/transforms/parts';
 *
 * const slice = { batch: tf.ones([2, 1]), examples: 2, aux: { tokens: 'sum' as const } };
 * const rule = sliceRules('mean', { value: tf.scalar(8), aux: { tokens: tf.scalar(3) } }, slice);
 * console.log(rule('.value'), rule('.aux.tokens')); // => mean sum
 * ```
 */
export function sliceRules(
  name: string,
  result: Tree,
  { batch, examples, aux }: SliceElsewhere,
): (path: string) => 'mean' | 'sum' {
  const rules = ruleOf(name, result, aux, isStepBatch(batch));
  for (const { path, leaf } of leaves(result)) {
    const rule = rules(path);
    if (rule === 'concat') throw new Error(`${name} does not concatenate, at "${path}": declare 'mean' or 'sum'.`);
    checkTerm(name, rule, path, examples, leaf);
  }
  return (path) => (rules(path) === 'sum' ? 'sum' : 'mean');
}
