import { describe, expect, test } from 'vitest';
import { betas, gammas, type Key, key } from '../src/index.ts';

const N = 4000;

/** The largest distance of an empirical distribution to a distribution function, times √n (Kolmogorov). */
function distance(draws: Float32Array, cumulative: (x: number) => number): number {
  const largest = draws.toSorted().reduce((most, x, i) => {
    const at = cumulative(x);
    return Math.max(most, Math.abs(at - i / draws.length), Math.abs(at - (i + 1) / draws.length));
  }, 0);
  return largest * Math.sqrt(draws.length);
}

const moments = (draws: Float32Array): readonly [mean: number, variance: number] => {
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  return [mean, draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length];
};

describe('gammas', () => {
  test.each([0.05, 0.5, 1, 2.5, 40])('of shape %s have its mean and variance', (shape) => {
    const [mean, variance] = moments(gammas(key(3), shape, N));
    // The fourth central moment is 3·shape² + 6·shape.
    expect(Math.abs(mean - shape)).toBeLessThan(4 * Math.sqrt(shape / N));
    expect(Math.abs(variance - shape)).toBeLessThan(4 * Math.sqrt((2 * shape ** 2 + 6 * shape) / N));
  });

  test.each<[number, (x: number) => number]>([
    [1, (x) => 1 - Math.exp(-x)],
    [2, (x) => 1 - (1 + x) * Math.exp(-x)],
    [3, (x) => 1 - (1 + x + (x * x) / 2) * Math.exp(-x)],
  ])('of shape %s have its distribution', (shape, cumulative) => {
    // A distance above 2 comes once in 1,500 times.
    expect(distance(gammas(key(4), shape, N), cumulative)).toBeLessThan(2);
  });
});

describe('betas', () => {
  test.each<[number, number, (x: number) => number]>([
    [1, 1, (x) => x],
    [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [2, 1, (x) => x ** 2],
    [1, 3, (x) => 1 - (1 - x) ** 3],
    [0.5, 1, (x) => Math.sqrt(x)],
  ])('of %s and %s have their distribution', (alpha, beta, cumulative) => {
    expect(distance(betas(key(5), alpha, beta, N), cumulative)).toBeLessThan(2);
  });

  test('of shapes so small that both gammas are 0 as numbers are 0 or 1, each half the time', () => {
    const draws = betas(key(6), 1e-4, 1e-4, 1000);
    expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.abs(moments(draws)[0] - 0.5)).toBeLessThan(0.07);
  });
});

test('The same key gives the same numbers, and a longer list begins with the shorter one', () => {
  for (const some of [(n: number) => gammas(key(1), 0.7, n), (n: number) => betas(key(1), 0.2, 0.3, n)])
    expect(some(20).subarray(0, 7)).toEqual(some(7));
});

const three: unknown = 3;

test.each<[string, () => unknown]>([
  ['shape must be a finite number above 0, got 0.', () => gammas(key(0), 0, 1)],
  ['beta must be a finite number above 0, got NaN.', () => betas(key(0), 1, Number.NaN, 1)],
  ['alpha must be a finite number above 0, got Infinity.', () => betas(key(0), Number.POSITIVE_INFINITY, 1, 1)],
  ['A count of numbers is a whole number of at least 0, got -1.', () => gammas(key(0), 1, -1)],
  ['A key is what key(seed) makes, got 3.', () => betas(three as Key, 1, 1, 1)],
])('Refused: %s', (message, run) => {
  expect(run).toThrow(message);
});
