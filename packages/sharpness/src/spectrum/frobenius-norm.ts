import { aNumber, checkOptions } from '@steppe/check';
import { foldIn, key as keyOf } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import { checkOperator, type SymmetricOperator } from '../operators/operator.ts';
import { atLeastTwo, type Estimate, estimateOptions, meanOf, type SampleOptions } from './estimate.ts';
import { inner, onHost } from './host.ts';
import { signs } from './probes.ts';

/**
 * Estimates the Frobenius norm of an operator, (Σ λ²)^½, by random signs: ‖A‖_F² = E‖A·z‖².
 *
 * @returns The root of the mean, with the standard error of that mean carried through the root.
 * @throws When an option is wrong, or a product fails.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { frobeniusNorm, operatorOf } from '@steppe/sharpness';
 *
 * const A = operatorOf(tf.zeros<tf.Rank.R1>([2]), (v) => tf.mul(v, tf.tensor1d([3, 4])));
 * console.log(await frobeniusNorm(A, { samples: 2 })); // => { value: 5, standardError: 0, products: 2 }
 * ```
 */
export async function frobeniusNorm<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: SampleOptions = {},
): Promise<Estimate> {
  checkOperator(operator);
  checkOptions('frobeniusNorm', options, { ...estimateOptions, samples: aNumber(atLeastTwo) });
  const { samples = 10, key = keyOf(0), onProgress } = options;
  const A = onHost(operator, samples, onProgress);
  const squares: number[] = [];
  for (let i = 0; i < samples; i++) {
    const y = await A.multiply(signs(foldIn(key, i), operator.dimension));
    squares.push(inner(y, y));
  }
  const { value: square, standardError } = meanOf(squares);
  const value = Math.sqrt(square);
  return { value, standardError: value === 0 ? 0 : standardError / (2 * value), products: A.products() };
}
