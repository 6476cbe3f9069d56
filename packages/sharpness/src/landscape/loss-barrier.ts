import { checkNumber, checkOptions, type Rule } from '@steppe/check';
import { dispose, minus, type Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { resolutionOf } from '../measures/resolution.ts';
import { linspace } from './linspace.ts';
import type { LossCurve } from './loss-curve.ts';
import { type LandscapeOptions, lossesAt } from './mean-loss.ts';

/** How finely a line is looked at. */
export type LossBarrierOptions<Batch> = LandscapeOptions<Batch> & {
  /** How many weights on the line are measured, both ends among them. @defaultValue 21 */
  readonly points?: number;
};

/** The loss on the way from one tree of weights to another. */
export type LossBarrier = LossCurve & {
  /** How far the loss rises above the straight line between the losses of the ends; 0 where it never does. */
  readonly barrier: number;
  /** 2⁻²⁰ of the largest loss on the way: a barrier that is no higher is rounding. */
  readonly resolution: number;
  /** Where on the way, from 0 to 1. */
  readonly where: number;
};

const atLeastThree: Rule = ['a whole number of at least 3', (x) => Number.isInteger(x) && x >= 3];

/**
 * Measures the loss on the straight line between two trees of weights, and its barrier: whether they lie in one basin.
 *
 * max_α L((1 - α)·w₁ + α·w₂) - [(1 - α)·L(w₁) + α·L(w₂)] over α in [0, 1]. It is 0 for a convex loss. Two networks that
 * are the same but for the order of their units have one: the barrier is not a distance between functions.
 *
 * @param from - w₁.
 * @param to - w₂, a tree like it.
 * @returns The curve at α from 0 to 1, with the barrier; it is NaN where a loss is.
 * @throws When the trees differ, or a batch or option will not do.
 * @see Frankle et al., Linear Mode Connectivity and the Lottery Ticket Hypothesis, 2020 (arXiv 1912.05671), section 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lossBarrier } from '@steppe/sharpness';
 *
 * // Minima at -1 and 1, and a hill between.
 * const loss = (w: tf.Tensor) => tf.square(tf.sub(tf.square(w), 1)).asScalar();
 * const { barrier, where } = await lossBarrier(loss, tf.scalar(-1), tf.scalar(1), [null]);
 * console.log(barrier, where); // => 1 0.5
 * ```
 */
export async function lossBarrier<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  from: P,
  to: P,
  batches: Batches<Batch>,
  options: LossBarrierOptions<Batch> = {},
): Promise<LossBarrier> {
  checkOptions('lossBarrier', options, ['points', 'size', 'signal', 'onProgress']);
  const { points = 21, ...rest } = options;
  checkNumber('points', points, atLeastThree);
  const at = linspace(0, 1, points);
  const way = minus(to, from);
  try {
    const places = at.map((step) => [step]);
    const values = await lossesAt('lossBarrier', loss, from, [way], places, batches, rest);
    const [first, last] = [values[0] as number, values.at(-1) as number];
    const rises = values.map((value, i) => value - ((1 - (at[i] as number)) * first + (at[i] as number) * last));
    const barrier = Math.max(...rises);
    const where = at[Math.max(0, rises.indexOf(barrier))] as number;
    return { at, values, losses: points, barrier, resolution: resolutionOf(...values), where };
  } finally {
    dispose(way);
  }
}
