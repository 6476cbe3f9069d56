import { checkOptions, refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { checkSteps } from './check-steps.ts';
import { linspace } from './linspace.ts';
import { type LandscapeOptions, lossesAt } from './mean-loss.ts';

/** Where a surface is measured. */
export type LossSurfaceOptions<Batch> = LandscapeOptions<Batch> & {
  /** How far to go along the first direction. @defaultValue 21 numbers from -1 to 1 */
  readonly xs?: readonly number[];
  /** How far to go along the second direction. @defaultValue `xs` */
  readonly ys?: readonly number[];
};

/** The loss over a plane, as plain arrays. */
export type LossSurface = {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** `values[j][i]` is the loss at `xs[i]`, `ys[j]`; NaN or infinite where it is. */
  readonly values: readonly (readonly number[])[];
  /** What it cost, in passes over the examples. */
  readonly losses: number;
};

/**
 * Measures the loss over a plane through the weights, L(w + α·d₁ + β·d₂): the landscape in two dimensions.
 *
 * Axes come from `randomDirection` with two keys, from eigenvectors of the Hessian, or from `principalAxes` of the
 * checkpoints of a run. A plane is two of very many dimensions: what it does not show may be sharp.
 *
 * @param batches - Are passed over once for each of the points, 441 unless said otherwise.
 * @throws When there are not two directions, the trees differ, or a batch or option will not do.
 * @see Li et al., Visualizing the Loss Landscape of Neural Nets, 2018, section 3 (arXiv 1712.09913).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lossSurface } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor) => tf.sum(tf.square(w));
 * const axes = [tf.tensor1d([1, 0]), tf.tensor1d([0, 1])] as const;
 * const { values } = await lossSurface(loss, tf.zeros([2]), axes, [null], { xs: [0, 1], ys: [0, 2] });
 * console.log(values); // => [ [ 0, 1 ], [ 4, 5 ] ]
 * ```
 */
export async function lossSurface<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  directions: readonly [Tree, Tree],
  batches: Batches<Batch>,
  options: LossSurfaceOptions<Batch> = {},
): Promise<LossSurface> {
  checkOptions('lossSurface', options, ['xs', 'ys', 'size', 'signal', 'onProgress']);
  if (!Array.isArray(directions) || directions.length !== 2)
    throw refusal('directions', 'a list of two trees like the parameters', directions);
  const { xs = linspace(-1, 1, 21), ys = xs, ...rest } = options;
  checkSteps('xs', xs);
  checkSteps('ys', ys);
  const places = ys.flatMap((y) => xs.map((x) => [x, y]));
  const flat = await lossesAt('lossSurface', loss, params, directions, places, batches, rest);
  const values = ys.map((_, j) => flat.slice(j * xs.length, (j + 1) * xs.length));
  return { xs, ys, values, losses: places.length };
}
