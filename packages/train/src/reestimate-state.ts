import { checkFunction } from '@steppe/check';
import { clone, dispose, pure, type Tree } from '@steppe/tree';
import { type Batches, batchesOf } from './batches-of.ts';
import { breathe } from './breathe.ts';
import { checkSynchronous } from './synchronous.ts';

/**
 * Runs a model over batches for its state alone: the running statistics that averaged weights need before they are
 * evaluated.
 *
 * Statistics of one set of weights do not fit their average. A running mean with decay β forgets its start as βⁿ over n
 * batches: with β = 0.9 some 50 batches suffice.
 *
 * @param next - Gives the next state for a batch, in training mode:
 * `(state, batch) => apply(average, state, batch.images, { training: true })[1]`.
 * @param state - Where to start; it is not freed.
 * @param batches - As for `train`; each is freed when it is done.
 * @returns The last state, the caller's to free.
 * @see Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018, section 3.2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { reestimateState } from '@steppe/train';
 *
 * const running = (state: tf.Tensor, x: tf.Tensor) => tf.add(tf.mul(state, 0.5), tf.mul(tf.mean(x), 0.5));
 * const state = await reestimateState(running, tf.scalar(0), [tf.tensor1d([1, 3]), tf.tensor1d([2])]);
 * console.log(state.dataSync()[0]); // => 1.5
 * ```
 */
export async function reestimateState<State extends Tree, Batch extends Tree>(
  next: (state: State, batch: Batch) => State,
  state: State,
  batches: Batches<Batch>,
): Promise<State> {
  checkFunction('next', next);
  let current = clone(state);
  try {
    for await (const batch of batchesOf(batches)) {
      const before = current;
      try {
        current = pure(() => {
          const after = next(before, batch);
          checkSynchronous('next', after);
          return after;
        });
        dispose(before);
      } finally {
        dispose(batch);
      }
      await breathe();
    }
    return current;
  } catch (error) {
    dispose(current);
    throw error;
  }
}
