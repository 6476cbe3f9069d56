import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, samTransform, sgd, zSharp } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { length, ofLength, type Point, times } from '../support/plain.ts';
import { pathOf, scripted } from '../support/relatives.ts';
import { gradientOf } from '../support/step.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

function epsilonOf(quantile: number, g: Point): number[] {
  const { gradient, points } = scripted(g);
  tf.tidy(() => gradientOf(zSharp(0.5, quantile), gradient, tf.zeros([g.length]), null));
  return points[1] ?? [];
}

/** ε̂ of what is chosen, by sorting in float64. */
function chosen(quantile: number, g: Point): Point {
  const mean = g.reduce((sum, x) => sum + x, 0) / g.length;
  const far = g.map((x) => Math.abs(x - mean));
  const sorted = [...far].sort((a, b) => a - b);
  const least = sorted[Math.ceil(quantile * (g.length - 1))] ?? 0;
  return ofLength(
    g.map((x, i) => ((far[i] ?? 0) >= least ? x : 0)),
    0.5,
  );
}

// Whole numbers of different size, so that no rounding decides what is chosen.
const gradients = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 5, maxLength: 9 })
  .map((xs) => xs.map((x, i) => (i % 3 === 1 ? -x : x) * 3.25))
  .filter((g) => {
    const mean = g.reduce((sum, x) => sum + x, 0) / g.length;
    const far = g.map((x) => Math.abs(x - mean)).sort((a, b) => a - b);
    return far.every((x, i) => i === 0 || x - (far[i - 1] ?? 0) > 1e-2);
  });

describe('zSharp', () => {
  test.each([0.5, 0.8])('goes where its formula goes, over two leaves, with the quantile %s', (quantile) => {
    expectReference(`zSharp ${quantile}`, chain(zSharp(0.2, quantile), sgd(0.1)));
  });

  property.prop([gradients, fc.constantFrom(0.1, 0.25, 0.5, 0.9), fc.constantFrom(1e-30, 1, 1e30)], {
    numRuns: 25,
    seed: 15,
  })('moves by ρ along the entries that are farthest from the mean, at every scale', (g, quantile, c) => {
    const epsilon = epsilonOf(quantile, times(g, c));
    expectNear(epsilon, [...chosen(quantile, g)], 1e-5);
    expect(length(epsilon)).toBeCloseTo(0.5, 5);
    expect(epsilon.filter((x) => x !== 0)).toHaveLength(g.length - Math.ceil(quantile * (g.length - 1)));
  });

  test('is SAM with Q = 0, bit for bit', () => {
    expect(pathOf(chain(zSharp(0.1, 0), sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
  });

  test('takes the gradient itself where all that is chosen is 0', () => {
    expectEach(epsilonOf(0.9, [1, 1, 1, 0]), [...ofLength([1, 1, 1, 0], 0.5)], 1e-6);
    expect(epsilonOf(0.5, [0, 0, 0])).toEqual([0, 0, 0]);
  });

  test('takes a leaf of one value whole, and one number', () => {
    expectEach(epsilonOf(0.5, [2, 2, 2]), [...ofLength([2, 2, 2], 0.5)], 1e-6);
    expectEach(epsilonOf(0.5, [2]), [0.5], 1e-6);
  });

  test('refuses a quantile of 1', () => {
    expect(() => zSharp(0.1, 1)).toThrow('quantile must be in [0, 1), got 1.');
  });
});
