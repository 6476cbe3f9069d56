import { aNumber, checkFunction, checkOptions, count } from '@steppe/check';
import { clone, dispose, type Tree } from '@steppe/tree';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { type Figure, figureOver } from '../measures/figure.ts';
import { checkLike } from '../operators/operator.ts';

/** The training on the new task. */
export type ForgettingOptions<P extends Tree, Batch> = PassOptions<Batch> & {
  /** Trains one step on the new task: gives the next weights from these, at once or as a promise; it frees none of them,
   * and what it gives is freed here. Steps are counted from 0. */
  readonly step: (params: P, number: number) => P | Promise<P>;
  /** How many steps are made. */
  readonly steps: number;
  /** After how many steps the old task is measured, beside the start and the end. @defaultValue only these */
  readonly every?: number;
};

/**
 * Measures how fast a network forgets: the loss or accuracy of an old task while its weights are trained on a new one.
 *
 * The new task and its optimizer are yours, as the function `step`; this measures between its steps, and frees the
 * weights on the way. It costs a pass over the old examples for each point.
 *
 * @param figure - A mean over the examples of a batch of the old task, such as its accuracy.
 * @param params - w after the old task, any tree; it is not changed.
 * @param batches - Examples of the old task, see `Batches`.
 * @returns The figure at the start, `value`, at each point its `change` from that, and the last weights, yours to free.
 * @throws When an option is unknown or out of range, or `step` throws; no weights of the way are left then.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { forgetting } from '@steppe/sharpness';
 *
 * const oldLoss = (w: tf.Tensor1D, x: tf.Tensor1D) => tf.mean(tf.square(tf.sub(w, x)));
 * const towardOne = (w: tf.Tensor1D) => tf.tidy(() => tf.add<tf.Tensor1D>(tf.mul(w, 0.5), 0.5));
 * const { points } = await forgetting(oldLoss, tf.tensor1d([0]), [tf.tensor1d([0])], { step: towardOne, steps: 2, every: 1 });
 * console.log(points.map(({ value }) => value)); // => [ 0, 0.25, 0.5625 ]
 * ```
 */
export async function forgetting<P extends Tree, Batch extends Tree>(
  figure: Figure<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: ForgettingOptions<P, Batch>,
): Promise<{
  readonly value: number;
  readonly points: readonly { readonly step: number; readonly value: number; readonly change: number }[];
  readonly params: P;
  readonly losses: number;
}> {
  checkOptions('forgetting', options, {
    ...passOptions,
    step: () => undefined,
    steps: aNumber(count),
    every: aNumber(count),
  });
  checkFunction('figure', figure);
  checkWeights('forgetting', params);
  const { step, steps, every = steps, ...passing } = options;
  aNumber(count)('steps', steps);
  // A promise is welcome here.
  if (typeof step !== 'function') checkFunction('step', step);
  const pass = passOver('forgetting', batches, passing);
  const before = await figureOver(figure, pass, params);
  const points = [{ step: 0, value: before, change: 0 }];
  let current = clone(params);
  try {
    for (let number = 0; number < steps; number++) {
      // A copy, since the next weights may hold tensors of these, as those of frozen layers.
      const given = await step(current, number);
      try {
        checkLike(`What step ${number} gives`, given, params);
        const next = clone(given);
        dispose(current);
        current = next;
      } finally {
        dispose(given);
      }
      if ((number + 1) % every !== 0 && number + 1 !== steps) continue;
      const value = await figureOver(figure, pass, current);
      points.push({ step: number + 1, value, change: value - before });
    }
  } catch (error) {
    dispose(current);
    throw error;
  }
  return { value: before, points, params: current, losses: points.length };
}
