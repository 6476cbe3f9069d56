import { checkNumber, checkOptions, count, refusal } from '@steppe/check';
import { addScaled, dispose, dot, minus, pure, scaled, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** How axes are laid through weights. */
export type PrincipalAxesOptions<P extends Tree> = {
  /** Where the axes meet. @defaultValue the last of the points */
  readonly origin?: P;
  /** How many axes. @defaultValue 2 */
  readonly axes?: number;
};

/** The axes along which some weights differ most. */
export type PrincipalAxes<P extends Tree> = {
  /** Of length 1 and orthogonal to each other; the caller's to free. */
  readonly directions: readonly P[];
  /** Where each of the points lies on the axes, from the origin. */
  readonly coordinates: readonly (readonly number[])[];
  /** The share of the points' variance that each axis has. */
  readonly explained: readonly number[];
};

/** Inner products of every two trees, summed in float32 on the device. */
async function products(trees: readonly Tree[], others: readonly Tree[]): Promise<readonly (readonly number[])[]> {
  const all = tf.tidy(() => tf.stack(trees.flatMap((a) => others.map((b) => dot(a, b)))));
  const flat = await all.data();
  all.dispose();
  return trees.map((_, i) => Array.from(flat.slice(i * others.length, (i + 1) * others.length)));
}

/** Below this share of the variance a direction is rounding. */
const least = 1e-10;

/** The eigenvectors of the centred products of some points, the largest eigenvalue first. */
function spread(gram: readonly (readonly number[])[]) {
  const { length } = gram;
  const centre = Matrix.eye(length).sub(1 / length);
  const centred = centre.mmul(new Matrix(gram.map((row) => [...row]))).mmul(centre);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(centred, { assumeSymmetric: true });
  const total = realEigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0);
  return realEigenvalues
    .map((value, i) => ({ value, share: value / total, weights: eigenvectorMatrix.getColumn(i) }))
    .sort((a, b) => b.value - a.value);
}

/**
 * Finds the axes along which some weights differ most, by principal components: the plane in which a run's way through
 * its checkpoints is seen best, or the one through three trees.
 *
 * The eigenvectors of the centred inner products of wᵢ - origin; `lossSurface` takes the directions, and the coordinates
 * of the points are their places on it. Ways of long runs look smooth in this plane whatever they are like: see how much
 * of the variance it explains.
 *
 * @param points - Weights of the same structure, at least one more than axes.
 * @throws When there are too few points, they span fewer axes, or their trees differ.
 * @see Li et al., Visualizing the Loss Landscape of Neural Nets, 2018, section 7.2 (arXiv 1712.09913).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { principalAxes } from '@steppe/sharpness';
 *
 * const points = [tf.tensor1d([4, 0, 0]), tf.tensor1d([4, 2, 0]), tf.tensor1d([0, 0, 0])];
 * const { coordinates, explained } = await principalAxes(points);
 * console.log(coordinates.map(([x = 0]) => Math.abs(x).toFixed(1))); // => [ '3.8', '4.4', '0.0' ]
 * console.log(explained.map((share) => share.toFixed(2))); // => [ '0.86', '0.14' ]
 * ```
 */
export async function principalAxes<P extends Tree>(
  points: readonly P[],
  options: PrincipalAxesOptions<P> = {},
): Promise<PrincipalAxes<P>> {
  checkOptions('principalAxes', options, ['origin', 'axes']);
  const { axes = 2 } = options;
  checkNumber('axes', axes, count);
  if (!Array.isArray(points) || points.length <= axes)
    throw refusal('points', `a list of at least ${axes + 1} trees for ${axes} axes`, points);
  const origin = options.origin ?? (points.at(-1) as P);
  // In pure, which frees the first steps where a later point differs.
  const steps = pure(() => points.map((point: P) => minus(point, origin)));
  try {
    const found = spread(await products(steps, steps)).slice(0, axes);
    const flat = found.findIndex(({ share }) => !(share > least));
    if (flat >= 0)
      throw new Error(
        `The points span ${flat} axes, not ${axes}: give others that do not lie on one line, or fewer axes.`,
      );
    const directions = found.map(({ value, weights }) => {
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
      return pure(() => {
        const along = steps.reduce(
          (sum, step, i) => addScaled(sum, (weights[i] as number) - mean, step),
          zerosLike(origin),
        );
        return scaled(along, 1 / Math.sqrt(value));
      });
    });
    return {
      directions,
      coordinates: await products(steps, directions),
      explained: found.map(({ share }) => share),
    };
  } finally {
    dispose(steps);
  }
}
