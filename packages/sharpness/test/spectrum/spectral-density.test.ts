import { key, normals } from '@steppe/random';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { effectiveDimension, spectralDensity } from '../../src/index.ts';
import { distance, eigenvaluesOf, operatorOfMatrix, withEigenvalues } from '../support/matrices.ts';

const grid = (from: number, to: number, points: number): readonly number[] =>
  Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));

test('with as many steps as dimensions the nodes are the eigenvalues', async () => {
  const eigenvalues = [5, 3.5, 2, 1, 0.25, -0.5, -2];
  const { nodes, weights, range } = await spectralDensity(operatorOfMatrix(withEigenvalues(eigenvalues, 3)), {
    steps: 7,
    probes: 2,
  });
  for (const each of nodes) expect(distance([...each].reverse(), eigenvalues)).toBeLessThan(1e-4);
  for (const each of weights) expect(each.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
  expect(distance(range, [-2, 5])).toBeLessThan(1e-4);
});

test('with k distinct eigenvalues Lanczos ends after k steps exactly', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 5, max: 12 }),
      fc.nat(99),
      async (k, n, seed) => {
        const eigenvalues = Array.from({ length: n }, (_, i) => 5 - 2 * (i % k));
        const { nodes, products } = await spectralDensity(operatorOfMatrix(withEigenvalues(eigenvalues, seed)), {
          probes: 1,
        });
        expect(products).toBe(k);
        expect(distance([...(nodes[0] ?? [])].reverse(), eigenvalues.slice(0, k))).toBeLessThan(2e-5);
      },
    ),
    { numRuns: 20 },
  );
});

test('the Hessian of regression on Gaussian inputs has the density of Marchenko and Pastur', async () => {
  // H = XᵀX/n with γ = d/n: density √((b - λ)(λ - a)) / (2πγλ) on [a, b] = (1 ∓ √γ)².
  const [d, n] = [120, 480];
  const X = Matrix.from1DArray(n, d, normals(key(1), n * d));
  const operator = operatorOfMatrix(X.transpose().mmul(X).div(n));
  const density = await spectralDensity(operator, { steps: 30, probes: 12 });
  const gamma = d / n;
  const [a, b] = [(1 - Math.sqrt(gamma)) ** 2, (1 + Math.sqrt(gamma)) ** 2];
  const law = (x: number) => (x > a && x < b ? Math.sqrt((b - x) * (x - a)) / (2 * Math.PI * gamma * x) : 0);
  const points = grid(0.05, 2.6, 52);
  const { density: heights, standardError } = density.at(points, 0.2);
  const bell = (x: number) => Math.exp(-0.5 * (x / 0.2) ** 2) / (0.2 * Math.sqrt(2 * Math.PI));
  const steps = grid(a, b, 400);
  const smoothed = points.map((x) => steps.reduce((sum, y) => sum + law(y) * bell(x - y), 0) * ((b - a) / 399));
  expect(Math.max(...smoothed)).toBeGreaterThan(0.7);
  const far = heights.map((height, i) => Math.abs(height - (smoothed[i] as number)) - 4 * (standardError[i] as number));
  expect(Math.max(...far)).toBeLessThan(0.02);
  expect(Math.max(...standardError)).toBeLessThan(0.05);
  expect(Math.abs(density.range[1] - b)).toBeLessThan(0.1);
});

test('a sum over the eigenvalues is within a few of its standard errors, and exact for what all directions share', async () => {
  const eigenvalues = [9, 4, 3, 1, 0.5, 0.5, 0.1, 0];
  const density = await spectralDensity(operatorOfMatrix(withEigenvalues(eigenvalues, 2)), { steps: 8, probes: 40 });
  for (const f of [(x: number) => x, (x: number) => x * x, (x: number) => Math.exp(-x)]) {
    const { value, standardError, products } = density.sum(f);
    const exact = eigenvalues.reduce((sum, x) => sum + f(x), 0);
    expect(Math.abs(value - exact)).toBeLessThan(4 * standardError);
    expect(products).toBe(density.products);
  }
  expect(density.sum(() => 1).value).toBeCloseTo(8, 6);
});

test('the logarithmic density has orders of magnitude side by side, and leaves out eigenvalues that are 0', async () => {
  const density = await spectralDensity(operatorOfMatrix(withEigenvalues([100, 100, -0.1, -0.1], 1)), { probes: 30 });
  const { density: heights } = density.logAt([-1, 0.5, 2], 0.1);
  expect(heights[1]).toBeLessThan(1e-6);
  // Two halves, each a Gaussian of width 0.1 with the height 1/(0.1·√(2π)) = 3.99.
  expect((heights[0] ?? 0) + (heights[2] ?? 0)).toBeCloseTo(3.99, 1);
  const nothing = await spectralDensity(operatorOfMatrix(Matrix.zeros(3, 3)));
  expect(nothing.logAt([-5, 0, 5], 1).density).toEqual([0, 0, 0]);
  expect(nothing.products).toBe(4);
});

test('one probe tells no standard error', async () => {
  const density = await spectralDensity(operatorOfMatrix(Matrix.diag([1, 2, 3])), { probes: 1 });
  expect(density.sum((x) => x).standardError).toBe(Number.POSITIVE_INFINITY);
  expect(density.at([1], 0.5).standardError).toEqual([Number.POSITIVE_INFINITY]);
  expect(() => density.at([1], 0)).toThrow('width must be a finite number above 0, got 0.');
  expect(() => density.at([Number.NaN], 1)).toThrow('grid must be a list of finite numbers');
});

test('the effective dimension counts directions curved by more than z, and refuses a pole', async () => {
  const A = withEigenvalues([50, 20, 1, 0.5, 0.01, 0], 4);
  const { value, standardError } = await effectiveDimension(operatorOfMatrix(A), 0.5, { probes: 30 });
  const exact = eigenvaluesOf(A).reduce((sum, x) => sum + x / (x + 0.5), 0);
  expect(Math.abs(value - exact)).toBeLessThan(4 * standardError);
  await expect(effectiveDimension(operatorOfMatrix(withEigenvalues([1, 0, -2], 4)), 1)).rejects.toThrow(
    'effectiveDimension needs eigenvalues above -z = -1, found -2',
  );
});
