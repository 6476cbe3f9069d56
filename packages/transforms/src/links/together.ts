import { foldIn } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import { isStepBatch, isTogether } from './examples.ts';

/**
 * Puts batches together that are one step: what `accumulate` takes apart again, batch by batch.
 *
 * It stands for the batch that their concatenation would be and so has its type, but copies nothing; behind
 * `accumulate()` alone may it be used as a batch.
 *
 * @throws When there is none.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { accumulate, together } from '@steppe/transforms';
 *
 * const gradient = (w: tf.Tensor, x: tf.Tensor) => ({ value: tf.mean<tf.Scalar>(x), grads: w, aux: null });
 * const batches = together([tf.tensor1d([1, 2]), tf.tensor1d([6])]);
 * const [{ value }] = accumulate().update(gradient, null, tf.scalar(0), batches);
 * console.log(value.arraySync()); // => 3
 * ```
 */
export function together<Batch extends Tree>(batches: readonly Batch[]): Batch {
  if (!Array.isArray(batches) || batches.length === 0)
    throw new Error('together takes a list of at least one batch, got none.');
  return { together: batches } as Tree as Batch;
}

/** The batches that were put together, each with the state of the step, and a key of its own if there are several. */
export function apart<Batch extends Tree>(batch: Batch): readonly Batch[] {
  const bare = isStepBatch(batch) ? batch.batch : batch;
  if (!isTogether(bare))
    throw new Error(
      'accumulate takes batches that are put together: give train the option { accumulate: k }, or make them by together([...]).',
    );
  const batches = bare.together as readonly Batch[];
  if (!isStepBatch(batch)) return batches;
  const keyOf = (index: number) => (batches.length === 1 ? batch.key : foldIn(batch.key, index));
  const { state } = batch;
  return batches.map((one, index) => ({ batch: one, key: keyOf(index), state }) as Tree as Batch);
}
