import { map, type Tree } from '@steppe/tree';
import { ruleOf } from './aux-rules.ts';
import { checkTerm, contribution, type Share } from './combine.ts';
import { isStepBatch } from './examples.ts';
import type { SliceOptions } from './slice-options.ts';

/** A slice that is evaluated here while others are elsewhere, and what stands in the options of its link. */
export type SliceElsewhere = {
  readonly batch: Tree;
  readonly examples: number;
  readonly share: Share;
  readonly aux: SliceOptions<Tree>['aux'];
};

/**
 * Makes the terms of a mean whose others are made elsewhere, as on other workers: what a slice gives times its share.
 *
 * The sum over all slices from left to right, of floats and of what a rule sums, is what `microBatch` makes of them in one
 * process, bit for bit. Integers without such a rule are as they are: those that agree stay.
 *
 * @param name - The link, for messages.
 * @returns The terms, and whether a leaf is summed, by its path.
 * @throws When a leaf has no mean, as in `microBatch`, or its rule is 'concat', which is for one process.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { sliceTerms } from '@steppe/transforms/parts';
 *
 * const slice = { batch: tf.ones([2, 1]), examples: 2, share: { share: 0.25 }, aux: undefined };
 * const { terms } = sliceTerms('mean', { value: tf.scalar(8) }, slice);
 * console.log(terms.value.arraySync()); // => 2
 * ```
 */
export function sliceTerms<T extends Tree>(
  name: string,
  result: T,
  { batch, examples, share, aux }: SliceElsewhere,
): { readonly terms: T; readonly isSum: (path: string) => boolean } {
  const rules = ruleOf(name, result, aux, isStepBatch(batch));
  const terms = map(result, (leaf, path) => {
    const rule = rules(path);
    if (rule === 'concat') throw new Error(`${name} does not concatenate, at "${path}": declare 'mean' or 'sum'.`);
    checkTerm(name, rule, path, examples, leaf);
    return contribution(rule, share, leaf);
  });
  return { terms, isSum: (path) => rules(path) === 'sum' };
}
