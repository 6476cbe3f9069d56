import { checkFunction, checkNumber, checkOptions, count, refusal, shown } from '@steppe/check';
import { isKey } from '@steppe/random';
import { clone, dispose, type Tree } from '@steppe/tree';
import { type Batches, batchesOf, inGroups } from './batches-of.ts';
import { breathe } from './breathe.ts';
import { capturing } from './capturing.ts';
import { checkSkips } from './check-skips.ts';
import { readReport } from './read-report.ts';
import { checkRedo, type RedoOptions, stepOrRedo } from './redo-step.ts';
import type { CaptureOptions } from './replaying.ts';
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
  /** Takes so many batches to a step, put `together` for the link `accumulate` of the optimizer; the last step of the
   * loop may have fewer. @defaultValue a step for each batch */
  readonly accumulate?: number;
  /**
   * Makes a step again, from the position before it and on the same batch, when its loss, its gradient or the position
   * after it is not finite: a fault that passes leaves the same numbers as a run without it. One that stays ends the
   * loop after `limit` failures in a row. Each step is read back for it.
   *
   * @defaultValue such a step is like any other
   */
  readonly redoNonFinite?: RedoOptions;
  /**
   * Whether steps are recorded and replayed by one call where the backend can, which `native` does: bit by bit the same
   * numbers, sooner. The loss must be a function of its arguments alone; what in the step cannot be replayed is told
   * once, and then its steps are made kernel by kernel.
   *
   * @defaultValue true
   */
  readonly capture?: boolean | CaptureOptions;
};

/** Refuses what says nothing on captures. */
function checkCapture(capture: unknown): void {
  if (typeof capture === 'boolean') return;
  if (Object(capture) !== capture) throw refusal('capture', 'true, false or { warn }', capture);
  checkOptions('capture', capture as CaptureOptions, { warn: checkFunction });
}

/** Refuses arguments that are not what their place is for. */
function checkArguments(step: unknown, start: unknown, onStep: unknown, signal: unknown): void {
  if (typeof Object(step).update !== 'function') throw refusal('step', 'made by trainStep', step);
  const { key, params } = Object(start) as { readonly key?: unknown; readonly params?: unknown };
  if (!isKey(key) || params === undefined)
    throw new Error(`start must be a position, as step.start(params, state, key) gives it, got ${shown(start)}.`);
  // An async one is waited for.
  if (typeof onStep !== 'function') throw refusal('onStep', 'a function', onStep);
  if (signal !== undefined && typeof Object(signal).aborted !== 'boolean')
    throw refusal('signal', 'an AbortSignal', signal);
}

/**
 * Folds a training step over batches: the loop, and nothing but the loop.
 *
 * It owns what flows through it: each batch is freed after its step and each position after the next; `start` stays the
 * caller's, and so is the position it returns. An error leaves nothing behind but `start`. Where the backend can, steps
 * are replayed (`capture`). It reads nothing back, but
 * for `redoNonFinite`, and the skips in a row of `skipNonFinite(optimizer, { limit })`, after `onStep`.
 *
 * @param step - Made by `trainStep`.
 * @param start - The position to go on from; it is not freed.
 * @param batches - An iterable or iterator of batches, asynchronous or not, a dataset or iterator of `tf.data`, or a
 * function that gives one, such as a generator function; ended early, it is closed.
 * @param onStep - Called after each step and waited for; read what you need of the report there.
 *
 * @throws When an argument is not what it must be, the batches come from none of these, a batch has no examples or holds
 * a freed tensor, or what is called does; when `skipNonFinite` has skipped its limit of steps in a row, with the first
 * leaf whose gradient is not finite; when a step is not finite in all tries of `redoNonFinite`, with the name
 * `NonFiniteError`, the step, that leaf and norms; when a later look finds that replayed steps may be wrong, since the
 * loss is no function of its arguments alone.
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
  batches: Batches<Batch>,
  onStep: (event: StepEvent<Params, State, OptimizerState>) => void | Promise<void> = () => {},
  options: TrainOptions = {},
): Promise<Position<Params, State, OptimizerState>> {
  checkOptions('train', options, ['signal', 'accumulate', 'redoNonFinite', 'capture']);
  const { signal, accumulate, redoNonFinite: redo, capture = true } = options;
  checkCapture(capture);
  if (redo !== undefined) checkRedo(redo);
  if (accumulate !== undefined) checkNumber('accumulate', accumulate, ['a positive whole number of batches', count[1]]);
  checkArguments(step, start, onStep, signal);
  const replaying = capture === false ? undefined : capturing(step, capture === true ? {} : capture);
  const made = replaying ?? step;
  let position = clone(start);
  try {
    if (signal?.aborted) return position;
    const each = batchesOf(batches);
    for await (const batch of accumulate === undefined ? each : inGroups(each, accumulate, signal)) {
      const before = position;
      let report: StepReport | undefined;
      try {
        ({ position, report } = redo ? await stepOrRedo(made, before, batch, redo) : made.update(before, batch));
        dispose(before);
        await onStep({ position, report });
        // After `onStep`, which may save the position: a skipped step has not moved it.
        if (report.report.skippedInARow) checkSkips(await readReport(report), position.params);
      } finally {
        dispose(batch, report);
      }
      await breathe();
      if (signal?.aborted) break;
    }
    await replaying?.finish();
    return position;
  } catch (error) {
    dispose(position);
    throw error;
  } finally {
    replaying?.dispose();
  }
}
