import { checkNumber, positive } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { SymmetricOperator } from '../operators/operator.ts';
import type { Estimate } from './estimate.ts';
import { type DensityOptions, spectralDensity } from './spectral-density.ts';

/**
 * Counts the directions in which an operator is curved by more than z: Σ λ/(λ + z) over its eigenvalues.
 *
 * It needs eigenvalues above -z, for which the Gauss-Newton operator serves: it has none below 0, but for rounding.
 *
 * @param z - What curvature counts half, such as the precision of a prior.
 * @throws When z is not above 0, an eigenvalue near -z or below it is found, or `spectralDensity` would.
 * @see Maddox, Benton, Wilson, Rethinking parameter counting in deep models, 2020, equation 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { effectiveDimension, operatorOf } from '@steppe/sharpness';
 *
 * const A = operatorOf(tf.zeros<tf.Rank.R1>([3]), (v) => tf.mul(v, 4));
 * const { value } = await effectiveDimension(A, 1);
 * console.log(value.toFixed(4)); // => 2.4000
 * ```
 */
export async function effectiveDimension<P extends Tree>(
  operator: SymmetricOperator<P>,
  z: number,
  options: DensityOptions = {},
): Promise<Estimate> {
  checkNumber('z', z, positive);
  const density = await spectralDensity(operator, options);
  const [least] = density.range;
  if (least <= -z)
    throw new Error(
      `effectiveDimension needs eigenvalues above -z = ${-z}, found ${least}: take gaussNewton, which has none below 0, or a larger z.`,
    );
  return density.sum((eigenvalue) => eigenvalue / (eigenvalue + z));
}
