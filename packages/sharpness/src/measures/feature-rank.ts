import { checkFunction, checkOptions, share } from '@steppe/check';
import { clone, dispose, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { listOf } from '../list-of.ts';
import { outputOf } from '../operators/parts.ts';
import { withTree } from './with-tree.ts';

/** How much of the variance the components hold. */
export type FeatureRankOptions<Batch> = PassOptions<Batch> & {
  /** Shares of the variance, each in (0, 1]. @defaultValue 0.99 and 0.9999 */
  readonly shares?: readonly number[];
};

/** The rank of features. */
export type FeatureRank = {
  /** For each share, how many principal components hold it. */
  readonly ranks: readonly { readonly share: number; readonly rank: number }[];
  /** The variances along the principal components, from the largest. */
  readonly variances: Float64Array;
  /** How many features are above 0, in the mean over examples: the active units of a ReLU layer. */
  readonly active: number;
  /** How many features there are. */
  readonly units: number;
  readonly losses: number;
};

/** More would take minutes, and a matrix of gigabytes. */
const MOST_UNITS = 4096;

/** Sums of features, in float64. */
type Sums = { readonly units: number; readonly squares: Float64Array; readonly means: Float64Array };

const addTo = (sums: Float64Array, values: ArrayLike<number>): void => {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (values[i] as number);
};

/**
 * Counts the dimensions that the features of a layer use: how many principal components hold 99 % (99.99 %) of their
 * variance over the examples.
 *
 * SAM lowers it in the authors' experiments and in ours. It costs one pass forward, and the eigenvalues of a matrix of
 * units × units on the host.
 *
 * @param features - The activations of a layer, `[batch, ...]`; what follows the examples counts as units.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`; fewer than units bound the rank by their number.
 * @throws When an option is unknown or out of range, or there are more than 4,096 units.
 * @see Andriushchenko et al., Sharpness-Aware Minimization Leads to Low-Rank Features, NeurIPS 2023.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { featureRank } from '@steppe/sharpness';
 *
 * const features = (w: tf.Tensor2D, x: tf.Tensor2D) => tf.matMul(x, w);
 * const w = tf.tensor2d([[1, 2, 3]]); // three features of one number
 * const { ranks, units } = await featureRank(features, w, [tf.tensor2d([[1], [2], [5]])]);
 * console.log(ranks[0]?.rank, units); // => 1 3
 * ```
 */
export async function featureRank<P extends Tree, Batch extends Tree>(
  features: (params: P, batch: Batch) => Tensor,
  params: P,
  batches: Batches<Batch>,
  options: FeatureRankOptions<Batch> = {},
): Promise<FeatureRank> {
  checkOptions('featureRank', options, { ...passOptions, shares: listOf('shares', share) });
  checkFunction('features', features);
  checkWeights('featureRank', params);
  const { shares = [0.99, 0.9999], ...passing } = options;
  // About a point near the mean, since squares of what is far from 0 lose the variance.
  let center: Tensor | undefined;
  let sums: Sums | undefined;
  let [seen, active] = [0, 0];
  try {
    await passOver(
      'featureRank',
      batches,
      passing,
    )(async (batch) => {
      const found = pure(() => {
        const given = outputOf('featureRank', features(params, batch));
        if (given.rank === 0) throw new Error('featureRank takes features [batch, ...], got a scalar.');
        const x = tf.reshape(given, [given.shape[0] as number, -1]);
        const units = x.shape[1] as number;
        if (units > MOST_UNITS || units !== (sums?.units ?? units))
          throw new Error(
            `featureRank takes up to ${MOST_UNITS} units, the same number for every batch, got ${units}: average over places, or choose a later layer.`,
          );
        const middle = center ?? tf.mean(x, 0);
        const centered = tf.sub(x, middle);
        return {
          middle: clone(middle),
          squares: tf.matMul(tf.transpose(centered), centered),
          total: tf.sum(centered, 0),
          active: tf.sum(tf.cast(tf.greater(x, 0), 'float32')),
          rows: x.shape[0] as number,
        };
      });
      const { middle, rows, ...measured } = found;
      dispose(center);
      center = middle;
      await withTree(measured, async ({ squares, total, active: positive }) => {
        const units = total.size;
        sums ??= { units, squares: new Float64Array(units ** 2), means: new Float64Array(units) };
        addTo(sums.squares, await squares.data());
        addTo(sums.means, await total.data());
        active += (await positive.data())[0] as number;
      });
      seen += rows;
    });
  } finally {
    dispose(center);
  }
  const { units, squares, means } = sums as Sums;
  if (!squares.every(Number.isFinite)) throw new Error('The features are not finite: the weights may have diverged.');
  const covariance = new Matrix(units, units);
  for (let i = 0; i < units; i++)
    for (let j = 0; j < units; j++) {
      const mean = ((means[i] as number) / seen) * ((means[j] as number) / seen);
      covariance.set(i, j, (squares[i * units + j] as number) / seen - mean);
    }
  const { realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const variances = Float64Array.from(realEigenvalues, (v) => Math.max(0, v))
    .sort()
    .reverse();
  const total = variances.reduce((sum, v) => sum + v, 0);
  let sum = 0;
  const held = variances.map((variance) => {
    sum += variance;
    return sum;
  });
  const rankOf = (part: number): number => {
    if (total === 0) return 0;
    // A share of 1 is reached up to rounding.
    const count = held.findIndex((sum) => sum >= part * total * (1 - 1e-12));
    return count < 0 ? units : count + 1;
  };
  return {
    ranks: shares.map((part) => ({ share: part, rank: rankOf(part) })),
    variances,
    active: active / seen,
    units,
    losses: 1,
  };
}
