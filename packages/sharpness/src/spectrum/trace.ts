import { aNumber, checkOptions, type Rule } from '@steppe/check';
import { foldIn, key as keyOf } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import { checkOperator, type SymmetricOperator } from '../operators/operator.ts';
import { atLeastTwo, type Estimate, type EstimateOptions, estimateOptions, meanOf } from './estimate.ts';
import { type HostOperator, inner, onHost, takeOut, unitOf } from './host.ts';
import { signs } from './probes.ts';

/** How a trace is estimated: at most 2 × `sketch` + `samples` products, and no more than there are dimensions. */
export type TraceOptions = EstimateOptions & {
  /** How many random vectors see the rest that the sketch leaves; the standard error is theirs. @defaultValue 10 */
  readonly samples?: number;
  /** How many vectors span the space in which the trace is taken exactly; 0 is the method of Hutchinson.
   * @defaultValue 10 */
  readonly sketch?: number;
};

const wholeNumber: Rule = ['a whole number of at least 0', (x) => Number.isInteger(x) && x >= 0];

/** What is left of a vector that lies in a space, by the rounding of float32. */
const NOTHING = 1e-5;

/** An orthonormal basis of the space that the products of random vectors span. */
async function rangeOf(A: HostOperator, probes: readonly Float32Array[]): Promise<readonly Float32Array[]> {
  const basis: Float32Array[] = [];
  for (const probe of probes) {
    if (basis.length === probe.length) break;
    const y = await A.multiply(probe);
    const length = Math.sqrt(inner(y, y));
    takeOut(y, basis);
    takeOut(y, basis);
    if (Math.sqrt(inner(y, y)) > NOTHING * length) basis.push(unitOf(y));
  }
  return basis;
}

/** Σ Aᵢᵢ, a product for each. */
async function exactly(A: HostOperator, dimension: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < dimension; i++) {
    const axis = new Float32Array(dimension);
    axis[i] = 1;
    sum += (await A.multiply(axis))[i] as number;
  }
  return sum;
}

/**
 * Estimates the trace of an operator, Σ λ: for the Hessian, 2/ρ² times the mean rise of the loss under Gaussian noise
 * of width ρ, to second order.
 *
 * By Hutch++: exactly in the space of a sketch, which catches the large eigenvalues, and by random signs z in the rest,
 * mean zᵀ(1 - QQᵀ)A(1 - QQᵀ)z. An operator of a rank up to `sketch` has its trace exactly, to the rounding of float32,
 * and so has one of no more dimensions than these products: its Aᵢᵢ are taken one by one, unless `sketch` is 0.
 *
 * @returns The estimate; its standard error is that of the random signs, given the sketch, and 0 where there are none.
 * @throws When an option is wrong, or a product fails.
 * @see Meyer, Musco, Musco, Woodruff, Hutch++: optimal stochastic trace estimation, SOSA 2021, algorithm 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { operatorOf, trace } from '@steppe/sharpness';
 *
 * const A = operatorOf(tf.zeros<tf.Rank.R1>([5]), (v) => tf.mul(v, tf.tensor1d([1, 2, 3, 4, 5])));
 * const { value, products } = await trace(A, { samples: 4, sketch: 5 });
 * console.log(value.toFixed(3), products); // => 15.000 5
 * ```
 */
export async function trace<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: TraceOptions = {},
): Promise<Estimate> {
  checkOperator(operator);
  checkOptions('trace', options, { ...estimateOptions, samples: aNumber(atLeastTwo), sketch: aNumber(wholeNumber) });
  const { samples = 10, sketch = 10, key = keyOf(0), onProgress } = options;
  const { dimension } = operator;
  const most = 2 * Math.min(sketch, dimension) + samples;
  const isSmall = sketch > 0 && dimension <= most;
  const A = onHost(operator, isSmall ? dimension : most, onProgress);
  if (isSmall) return { value: await exactly(A, dimension), standardError: 0, products: A.products() };
  const probe = (i: number) => signs(foldIn(key, i), dimension);
  const basis = await rangeOf(
    A,
    Array.from({ length: sketch }, (_, i) => probe(samples + i)),
  );
  let within = 0;
  for (const q of basis) within += inner(q, await A.multiply(q));
  const rest: number[] = [];
  for (let i = 0; i < samples; i++) {
    const z = Float64Array.from(probe(i));
    takeOut(z, basis);
    const seen = Float32Array.from(z);
    rest.push(inner(seen, await A.multiply(seen)));
  }
  const { value, standardError } = meanOf(rest);
  return { value: within + value, standardError, products: A.products() };
}
