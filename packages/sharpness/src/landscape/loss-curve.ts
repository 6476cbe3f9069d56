import { checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { checkSteps } from './check-steps.ts';
import { linspace } from './linspace.ts';
import { type LandscapeOptions, lossesAt } from './mean-loss.ts';

/** Where a curve is measured. */
export type LossCurveOptions<Batch> = LandscapeOptions<Batch> & {
  /** How far to go along the direction. @defaultValue 41 numbers from -1 to 1 */
  readonly at?: readonly number[];
};

/** The loss along a direction, as plain arrays. */
export type LossCurve = {
  readonly at: readonly number[];
  /** The loss at each of them; NaN or infinite where it is. */
  readonly values: readonly number[];
  /** What it cost, in passes over the examples. */
  readonly losses: number;
};

/**
 * Measures the loss along a line through the weights, L(w + α·d): the landscape in one dimension.
 *
 * Directions that are comparable between networks come from `randomDirection` and `filterNormalized`; an eigenvector of
 * the Hessian shows the steepest way up. Batch normalization is the loss's affair: with running statistics those of w
 * are used at every point, with the batch's own every point has its own.
 *
 * @param batches - Are passed over once for each point.
 * @throws When the trees differ, or a batch or option will not do.
 * @see Goodfellow et al., Qualitatively Characterizing Neural Network Optimization Problems, 2015 (arXiv 1412.6544).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lossCurve } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor) => tf.sum(tf.square(w));
 * const { values } = await lossCurve(loss, tf.tensor1d([1, 0]), tf.tensor1d([0, 1]), [null], { at: [-2, 0, 2] });
 * console.log(values); // => [ 5, 1, 5 ]
 * ```
 */
export async function lossCurve<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  direction: Tree,
  batches: Batches<Batch>,
  options: LossCurveOptions<Batch> = {},
): Promise<LossCurve> {
  checkOptions('lossCurve', options, ['at', 'size', 'signal', 'onProgress']);
  const { at = linspace(-1, 1, 41), ...rest } = options;
  checkSteps('at', at);
  const places = at.map((step) => [step]);
  const values = await lossesAt('lossCurve', loss, params, [direction], places, batches, rest);
  return { at, values, losses: at.length };
}
