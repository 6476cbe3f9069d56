import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { bySlices } from './by-slices.ts';
import { call } from './call.ts';
import { countExamples } from './examples.ts';
import type { SliceOptions } from './slice-options.ts';
import { apart } from './together.ts';

/**
 * Evaluates batches that are one step, such as those that a loader gives one after another, and averages what they
 * give: the gradient of their concatenation, with the memory of one of them.
 *
 * It is `microBatch` with slices that come ready: before `samTransform` there is one ε̂ for all the batches, behind it
 * each has its own. Each batch counts by its number of examples, or by the weight that is given, and the aux is
 * declared as there. In a training step each of several batches draws from a random key of its own, all start from the
 * state before the step, and their next states, such as the running statistics of batch norm, are averaged; they are
 * those of one step, not of one after another.
 *
 * @throws When an option is none; at an update, when the batches are not put `together`, which `train` does by its
 * option `accumulate`, or as `microBatch`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { accumulate, chain, samTransform, together } from '@steppe/transforms';
 *
 * const gradient = (w: tf.Tensor, x: tf.Tensor) => ({ value: tf.mean<tf.Scalar>(x), grads: tf.add(w, tf.mean(x)), aux: null });
 * const optimizer = chain(accumulate(), samTransform(0.5)); // one ε̂ for all of the batches
 * const w = tf.scalar(0);
 * const batches = together([tf.tensor1d([1, 2]), tf.tensor1d([6])]);
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, batches);
 * console.log(grads.arraySync()); // => 3.5
 * ```
 */
export function accumulate(): GradientTransformation<null>;
export function accumulate<Batch extends Tree = Tree>(
  options: SliceOptions<Batch>,
): GradientTransformation<null, NoInfer<Batch>>;
export function accumulate<Batch extends Tree>(
  ...options: readonly SliceOptions<Batch>[]
): GradientTransformation<null, Batch> {
  const [given = {}] = options;
  return bySlices(call('accumulate', ...options), given, (batch) =>
    apart(batch).map((one) => ({ batch: () => one, examples: countExamples(one, given.shared, 'accumulate') })),
  );
}
