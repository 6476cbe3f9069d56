import { aNumber, checkOptions } from '@steppe/check';
import { foldIn, key as keyOf } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import { checkOperator, type SymmetricOperator } from '../operators/operator.ts';
import { atLeastTwo, estimateOptions, type SampleOptions } from './estimate.ts';
import { onHost, toTree } from './host.ts';
import { signs } from './probes.ts';

/**
 * Estimates the diagonal of an operator by random signs: A_ii = E z_i·(A·z)_i, whose variance is Σ_j≠i A_ij².
 *
 * A diagonal operator has it exactly from two products.
 *
 * @returns Trees of the structure of the parameters, the caller's to free: the diagonal and the standard error of each
 * of its numbers; zeros where the operator does not act.
 * @throws When an option is wrong, or a product fails.
 * @see Bekas, Kokiopoulou, Saad, An estimator for the diagonal of a matrix, Applied Numerical Mathematics 2007.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { diagonal, operatorOf } from '@steppe/sharpness';
 *
 * const A = operatorOf(tf.zeros<tf.Rank.R1>([3]), (v) => tf.mul(v, tf.tensor1d([1, 2, 3])));
 * const { value, standardError } = await diagonal(A, { samples: 2 });
 * console.log(value.arraySync(), standardError.arraySync()); // => [ 1, 2, 3 ] [ 0, 0, 0 ]
 * ```
 */
export async function diagonal<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: SampleOptions = {},
): Promise<{ readonly value: P; readonly standardError: P; readonly products: number }> {
  checkOperator(operator);
  checkOptions('diagonal', options, { ...estimateOptions, samples: aNumber(atLeastTwo) });
  const { samples = 10, key = keyOf(0), onProgress } = options;
  const { dimension } = operator;
  const A = onHost(operator, samples, onProgress);
  const [mean, squares] = [new Float64Array(dimension), new Float64Array(dimension)];
  for (let i = 0; i < samples; i++) {
    const z = signs(foldIn(key, i), dimension);
    const y = await A.multiply(z);
    for (let j = 0; j < dimension; j++) {
      // Welford's sums: squares of numbers that are alike would cancel.
      const step = (z[j] as number) * (y[j] as number) - (mean[j] as number);
      mean[j] = (mean[j] as number) + step / (i + 1);
      squares[j] = (squares[j] as number) + (step * step * i) / (i + 1);
    }
  }
  const errors = squares.map((square) => Math.sqrt(square / (samples - 1) / samples));
  return {
    value: toTree(operator, Float32Array.from(mean)),
    standardError: toTree(operator, Float32Array.from(errors)),
    products: A.products(),
  };
}
