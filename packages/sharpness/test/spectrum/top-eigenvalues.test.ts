import { key, uniforms } from '@steppe/random';
import { dispose, dot } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { eigenvalueRatio, lambdaMax, topEigenvalues } from '../../src/index.ts';
import { distance, operatorOfMatrix, withEigenvalues } from '../support/matrices.ts';

const spread = (n: number, seed: number): readonly number[] =>
  Array.from(uniforms(key(seed), n), (u) => 10 * u - 4).sort((a, b) => b - a);

test('eigenvalues lie within their bounds, and vectors are orthonormal eigenvectors, for every matrix', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 14 }),
      fc.nat(1000),
      fc.constantFrom(1e-6, 1e-2),
      async (n, seed, tolerance) => {
        const eigenvalues = spread(n, seed);
        const operator = operatorOfMatrix(withEigenvalues(eigenvalues, seed));
        const count = Math.min(3, n);
        const { values, bounds, vector } = await topEigenvalues(operator, { count, tolerance });
        const nearest = values.map((value) => Math.min(...eigenvalues.map((each) => Math.abs(each - value))));
        expect(nearest.filter((far, i) => far > (bounds[i] as number) + 2e-5)).toEqual([]);
        const vectors = values.map((_, i) => vector(i));
        for (const [i, y] of vectors.entries()) {
          const product = await operator.multiply(y);
          const along = vectors.map((x) => dot(x, product).arraySync());
          const expected = values.map((value, j) => (i === j ? value : 0));
          expect(distance(along, expected)).toBeLessThan(2e-5);
          const lengths = vectors.map((x) => dot(x, y).arraySync());
          expect(
            distance(
              lengths,
              values.map((_, j) => (i === j ? 1 : 0)),
            ),
          ).toBeLessThan(1e-5);
          dispose(product);
        }
        dispose(vectors);
      },
    ),
    { numRuns: 25 },
  );
});

test('all eigenvalues are found, repeated ones too, once every direction is used', async () => {
  const eigenvalues = [3, 3, 3, 1, 1, 0, 0, -2];
  const operator = operatorOfMatrix(withEigenvalues(eigenvalues, 5));
  const { values, converged, products } = await topEigenvalues(operator, { count: 8, tolerance: 1e-5 });
  expect(distance(values, eigenvalues)).toBeLessThan(1e-5);
  expect([converged, products]).toEqual([true, 8]);
  const none = await topEigenvalues(operatorOfMatrix(Matrix.zeros(4, 4)), { count: 4 });
  expect(none.values).toEqual([0, 0, 0, 0]);
});

test('either end and the largest magnitudes can be asked for', async () => {
  const operator = operatorOfMatrix(withEigenvalues([4, 3, 2, 0.5, 0.1, -1, -3.5, -6], 2));
  const found = async (which: 'least' | 'magnitude') => {
    const { values } = await topEigenvalues(operator, { count: 3, which, tolerance: 1e-5 });
    return values.map((value) => Math.round(10 * value) / 10);
  };
  expect(await found('least')).toEqual([-6, -3.5, -1]);
  expect(await found('magnitude')).toEqual([-6, 4, -3.5]);
});

test('a search from what was found before takes few products, also where the operator has moved a little', async () => {
  const n = 60;
  const A = withEigenvalues([20, 17, 14, ...spread(n - 3, 1)], 3);
  const cold = await topEigenvalues(operatorOfMatrix(A), { count: 3, tolerance: 1e-3 });
  const moved = operatorOfMatrix(A.clone().add(withEigenvalues(spread(n, 4), 9).mul(0.01)));
  const warm = await topEigenvalues(moved, { count: 3, tolerance: 1e-3, from: cold });
  const again = await topEigenvalues(moved, { count: 3, tolerance: 1e-3 });
  expect(distance(warm.values, again.values)).toBeLessThan(1e-3);
  expect(warm.products).toBeLessThan(0.75 * again.products);
});

test('what the products did not suffice for is said, by its bounds', async () => {
  const eigenvalues = spread(50, 3);
  const operator = operatorOfMatrix(withEigenvalues(eigenvalues, 3));
  const early = await topEigenvalues(operator, { count: 3, products: 5, tolerance: 1e-4 });
  expect([early.converged, early.products]).toEqual([false, 5]);
  expect(Math.min(...early.bounds)).toBeGreaterThan(1e-3);
});

test('products that no symmetric matrix has show in the bounds', async () => {
  const A = withEigenvalues(spread(8, 1), 1);
  A.set(0, 7, A.get(0, 7) + 1);
  const { bounds, converged } = await topEigenvalues(operatorOfMatrix(A), { count: 2, tolerance: 1e-3 });
  expect(Math.min(...bounds)).toBeGreaterThan(0.05);
  expect(converged).toBe(false);
});

test('the largest eigenvalue alone, and its ratio to the fifth with the error of both', async () => {
  const operator = operatorOfMatrix(withEigenvalues([10, 7, 5, 4, 2.5, 1, 0, -20], 7));
  const { value, bound } = await lambdaMax(operator, { tolerance: 1e-4 });
  expect(Math.abs(value - 10)).toBeLessThan(bound + 1e-5);
  const ratio = eigenvalueRatio(await topEigenvalues(operator, { tolerance: 1e-4 }));
  expect(Math.abs(ratio.value - 4)).toBeLessThan(ratio.bound + 1e-5);
  expect(eigenvalueRatio({ values: [3, 0.1], bounds: [0, 0.2] }, 2).bound).toBe(Number.POSITIVE_INFINITY);
});

test('options that make no sense are refused, and progress is told', async () => {
  const operator = operatorOfMatrix(Matrix.diag([1, 2, 3]));
  const refused = (options: object) => topEigenvalues(operator, options);
  await expect(refused({ count: 4 })).rejects.toThrow('count must be at most the dimension of the operator, 3, got 4.');
  await expect(refused({ count: 2, products: 1 })).rejects.toThrow('products must be at least count, 2, got 1.');
  await expect(refused({ number: 2 })).rejects.toThrow('topEigenvalues has no option "number"');
  await expect(refused({ which: 'smallest' })).rejects.toThrow('which must be "largest" or "least" or "magnitude"');
  const told: unknown[] = [];
  const { vector } = await topEigenvalues(operator, { count: 3, onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })));
  expect(() => vector(3)).toThrow('i must be a whole number from 0 to 2, got 3.');
  expect(() => eigenvalueRatio({ values: [1], bounds: [0] })).toThrow('k must be a whole number from 1 to');
});

test('no tensor is left but the vectors that were asked for', async () => {
  const operator = operatorOfMatrix(withEigenvalues(spread(9, 1), 1));
  const before = tf.memory().numTensors;
  const { vector } = await topEigenvalues(operator, { count: 2 });
  const made = vector(0);
  expect(tf.memory().numTensors).toBe(before + 2);
  dispose(made);
});
