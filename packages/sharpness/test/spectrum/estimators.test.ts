import { key } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { diagonal, type Estimate, frobeniusNorm, type SymmetricOperator, trace } from '../../src/index.ts';
import { operatorOfMatrix, withEigenvalues } from '../support/matrices.ts';

const REPEATS = 1000;

const A = withEigenvalues([6, 3, 2, 1, -0.5], 8);
const matrix = tf.tensor2d(A.to2DArray());
/** Without the checks of operatorOf, which a thousand repeats need not make. */
const operator: SymmetricOperator<tf.Tensor> = {
  like: tf.zeros([A.rows]),
  wanted: () => true,
  dimension: A.rows,
  multiply: async (v) => tf.dot(matrix, v),
};
const square = (B: Matrix): number => B.to1DArray().reduce((sum, x) => sum + x * x, 0);
const exact = {
  trace: A.trace(),
  norm: Math.sqrt(square(A)),
  /** Var(zᵀAz) = 2(‖A‖² - Σ A_ii²) for random signs. */
  variance: 2 * (square(A) - A.diagonal().reduce((sum, x) => sum + x * x, 0)),
};

/** The mean and the standard deviation of an estimate over many keys, and what it says of itself. */
async function repeated(estimate: (seed: number) => Promise<Estimate>, repeats = REPEATS) {
  const all: Estimate[] = [];
  for (let seed = 0; seed < repeats; seed++) all.push(await estimate(seed));
  const meanOf = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const mean = meanOf(all.map(({ value }) => value));
  const deviation = Math.sqrt(meanOf(all.map(({ value }) => (value - mean) ** 2)));
  const told = Math.sqrt(meanOf(all.map(({ standardError }) => standardError ** 2)));
  return { mean, deviation, told };
}

test('Hutchinson’s trace has the variance of the closed form, and tells it', async () => {
  const samples = 3;
  const { mean, deviation, told } = await repeated((seed) => trace(operator, { samples, sketch: 0, key: key(seed) }));
  const theory = Math.sqrt(exact.variance / samples);
  expect(Math.abs(mean - exact.trace)).toBeLessThan((4 * theory) / Math.sqrt(REPEATS));
  expect(Math.abs(deviation / theory - 1)).toBeLessThan(0.1);
  expect(Math.abs(told / theory - 1)).toBeLessThan(0.1);
});

test('Hutch++ has its mean at the trace, deviates less, and tells how much', async () => {
  const { mean, deviation, told } = await repeated((seed) =>
    trace(operator, { samples: 2, sketch: 1, key: key(seed) }),
  );
  expect(Math.abs(mean - exact.trace)).toBeLessThan((4 * deviation) / Math.sqrt(REPEATS));
  expect(deviation).toBeLessThan(0.8 * Math.sqrt(exact.variance / 2));
  expect(Math.abs(told / deviation - 1)).toBeLessThan(0.1);
});

test('Hutch++ is exact where its sketch spans the range of the operator', async () => {
  const low = operatorOfMatrix(withEigenvalues([5, 2, -1, ...Array.from({ length: 9 }, () => 0)], 3));
  const { value, standardError, products } = await trace(low, { samples: 4, sketch: 3 });
  expect(Math.abs(value - 6)).toBeLessThan(1e-5);
  expect(standardError).toBeLessThan(1e-5);
  expect(products).toBe(10);
});

test('in no more dimensions than products the trace is exact, entry by entry, but by the method of Hutchinson', async () => {
  const small = operatorOfMatrix(withEigenvalues([5, 2, -1, 3], 3));
  const { value, standardError, products } = await trace(small, { samples: 2, sketch: 1 });
  expect([value, standardError, products]).toEqual([expect.closeTo(9, 5), 0, 4]);
  expect((await trace(small, { samples: 8, sketch: 0 })).products).toBe(8);
});

test('the Frobenius norm and the diagonal are found within the errors that they tell', async () => {
  const norm = await repeated((seed) => frobeniusNorm(operator, { samples: 12, key: key(seed) }), 300);
  expect(Math.abs(norm.mean / exact.norm - 1)).toBeLessThan(0.02);
  expect(Math.abs(norm.told / norm.deviation - 1)).toBeLessThan(0.15);
  const before = tf.memory().numTensors;
  const { value, standardError, products } = await diagonal(operator, { samples: 400, key: key(3) });
  const [found, errors] = [value, standardError].map((each) => [...each.dataSync()]);
  for (const [i, entry] of A.diagonal().entries()) {
    expect(Math.abs((found?.[i] ?? 0) - entry)).toBeLessThan(4 * (errors?.[i] ?? 0));
    // The variance of an entry is Σ_j≠i A_ij².
    const theory = Math.sqrt(A.getRow(i).reduce((sum, x, j) => sum + (i === j ? 0 : x * x), 0) / 400);
    expect(Math.abs((errors?.[i] ?? 0) / theory - 1)).toBeLessThan(0.15);
  }
  expect(products).toBe(400);
  dispose(value, standardError);
  expect(tf.memory().numTensors).toBe(before);
});

test('fewer samples than an error needs are refused', async () => {
  await expect(trace(operator, { samples: 1 })).rejects.toThrow(
    'samples must be a whole number of at least 2, which a standard error needs, got 1.',
  );
  await expect(trace(operator, { sketch: -1 })).rejects.toThrow('sketch must be a whole number of at least 0, got -1.');
  await expect(frobeniusNorm(operator, { key: 7 as never })).rejects.toThrow(
    'key must be a key, such as key(0), got 7.',
  );
});
