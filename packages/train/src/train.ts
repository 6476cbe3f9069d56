import { checkOptions } from '@steppe/check';
import { clone, dispose, type Tree } from '@steppe/tree';
import { breathe } from './breathe.ts';
import type { Position, StepReport, TrainStep } from './train-step.ts';

/** What `onStep` sees after each step; the tensors are the loop's and live until `onStep` is done. */
export type StepEvent<Params extends Tree, State extends Tree, OptimizerState extends Tree> = {
  readonly position: Position<Params, State, OptimizerState>;
  readonly report: StepReport;
};

/** How a training loop runs. */
export type TrainOptions = {
  /** Ends the loop after the step that is under way; the position reached is returned as usual. */
  readonly signal?: AbortSignal;
};

/**
 * Folds a training step over batches: the loop, and nothing but the loop.
 *
 * It owns what flows through it: each batch is freed after its step and each position after the next; `start` stays the
 * caller's, and so is the position it returns. An error leaves nothing behind but `start`.
 *
 * @param step - Made by `trainStep`.
 * @param start - The position to go on from; it is not freed.
 * @param batches - Any iterable of batches, asynchronous or not; ended early, it is closed.
 * @param onStep - Called after each step and waited for; read what you need of the report there.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { key } from '@steppe/random';
 * import { sam, sgd } from '@steppe/transforms';
 * import { train, trainStep } from '@steppe/train';
 *
 * const loss = (w: tf.Tensor, state: null, x: tf.Tensor) => [tf.mean<tf.Scalar>(tf.square(tf.sub(w, x))), { state, metrics: {} }] as const;
 * const step = trainStep(loss, sam(sgd(0.1), 0.05));
 * function* batches() {
 *   for (let i = 0; i < 40; i++) yield tf.tensor1d([1, 3]);
 * }
 * const end = await train(step, step.start(tf.scalar(0), null, key(0)), batches());
 * console.log(end.step, Math.round(end.params.dataSync()[0] ?? 0)); // => 40 2
 * ```
 */
export async function train<Params extends Tree, State extends Tree, OptimizerState extends Tree, Batch extends Tree>(
  step: TrainStep<Params, State, OptimizerState, Batch>,
  start: Position<Params, State, OptimizerState>,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  onStep: (event: StepEvent<Params, State, OptimizerState>) => void | Promise<void> = () => {},
  options: TrainOptions = {},
): Promise<Position<Params, State, OptimizerState>> {
  checkOptions('train', options, ['signal']);
  const { signal } = options;
  let position = clone(start);
  try {
    if (signal?.aborted) return position;
    for await (const batch of batches) {
      const before = position;
      let report: StepReport | undefined;
      try {
        ({ position, report } = step.update(before, batch));
        dispose(before);
        await onStep({ position, report });
      } finally {
        dispose(batch, report);
      }
      await breathe();
      if (signal?.aborted) break;
    }
    return position;
  } catch (error) {
    dispose(position);
    throw error;
  }
}
