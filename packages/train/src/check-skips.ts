import { checkNumber, finite } from '@steppe/check';
import { leaves, type Tree } from '@steppe/tree';
import { checkReport } from './check-scalars.ts';
import type { ReadReport } from './read-report.ts';

/**
 * Gives up when `skipNonFinite(optimizer, { limit })` has skipped so many steps in a row; `train` calls it after each
 * step, a loop of your own does so itself.
 *
 * @param read - The step's report, read back.
 * @param params - The parameters, of which the message names the first leaf whose gradient is not finite.
 * @throws When the limit is reached, or the optimizer has none.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { checkSkips } from '@steppe/train';
 *
 * const report = { skipped: 1, skippedInARow: 5, skipLimit: 5, nonFiniteLeaf: 0 };
 * try {
 *   checkSkips({ report }, { kernel: tf.ones([2, 2]) });
 * } catch (error) {
 *   console.log((error as Error).message); // => skipNonFinite skipped 5 steps in a row (limit 5); the gradient is not finite at ".kernel". Lower the learning rate or look at the batch.
 * }
 * ```
 */
export function checkSkips(read: Pick<ReadReport, 'report'>, params: Tree): void {
  checkReport(read, ['report']);
  const { skippedInARow, skipLimit, nonFiniteLeaf } = read.report;
  if (skippedInARow === undefined || skipLimit === undefined || nonFiniteLeaf === undefined)
    throw new Error('The report has no skips in a row: write skipNonFinite(optimizer, { limit }).');
  checkNumber('skippedInARow', skippedInARow, finite);
  checkNumber('skipLimit', skipLimit, finite);
  if (skippedInARow < skipLimit) return;
  const leaf = leaves(params)[nonFiniteLeaf];
  const what = leaf
    ? `the gradient is not finite at "${leaf.path || '.'}"`
    : 'the gradients are finite, but a loss or the update is not';
  throw new Error(
    `skipNonFinite skipped ${skippedInARow} steps in a row (limit ${skipLimit}); ${what}. Lower the learning rate or look at the batch.`,
  );
}
