import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectOntoBall } from '../../src/index.ts';
import { length, type Point, plus, pNorm, times } from '../support/plain.ts';
import { bits, numbers, withTree } from '../support/trees.ts';

beforeAll(() => tf.setBackend('cpu'));

const PS = [1, 1.25, 1.5, 2, 3, 8, Number.POSITIVE_INFINITY];

/** The first x in [low, high] with f(x) > 0, for an f that rises. */
function bisect(f: (x: number) => number, low: number, high: number): number {
  let [below, above] = [low, high];
  for (let i = 0; i < 80; i++) {
    const middle = (below + above) / 2;
    if (f(middle) > 0) above = middle;
    else below = middle;
  }
  return above;
}

/** The oracle, in float64, for ρ = 1: for every λ the y with y + λ·y^(p-1) = |x|, and the λ with ‖y‖ₚ = 1, both by
 * bisection. */
function nearestToUnitBall(x: Point, p: number): Point {
  if (p === Number.POSITIVE_INFINITY) return x.map((v) => Math.max(-1, Math.min(1, v)));
  const shrunk = (lambda: number): Point =>
    x.map((v) => {
      const a = Math.abs(v);
      if (p === 1) return Math.max(0, a - lambda);
      return a === 0 ? 0 : bisect((y) => y + lambda * y ** (p - 1) - a, 0, a);
    });
  const most = pNorm(x, 1);
  // In log λ, whose range is wide.
  const lambda = Math.exp(bisect((s) => 1 - pNorm(shrunk(Math.exp(s)), p), Math.log(1e-9), Math.log(most)));
  return shrunk(lambda).map((y, i) => y * Math.sign(x[i] ?? 0));
}

const nearest = (x: Point, rho: number, p: number): Point => times(nearestToUnitBall(times(x, 1 / rho), p), rho);

const projected = (x: Point, rho: number, p: number): number[] =>
  tf.tidy(() => numbers(projectOntoBall(tf.tensor1d([...x]), rho, p)));

const coordinate = fc.double({ min: -4, max: 4, noNaN: true }).map(Math.fround);
const point = fc.array(coordinate, { minLength: 1, maxLength: 5 });
const radius = fc.double({ min: 0.25, max: 3, noNaN: true }).map(Math.fround);
const runs = { numRuns: 6 };

/** Points of several coordinates, none of them nearly 0, and a share of their norm as the radius: all are outside. */
const coordinates = fc
  .tuple(fc.double({ min: 0.1, max: 4, noNaN: true }), fc.boolean())
  .map(([x, negative]) => Math.fround(negative ? -x : x));
const outside = fc.array(coordinates, { minLength: 3, maxLength: 6 });
const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });

describe.each(PS)('projectOntoBall, p = %s', (p) => {
  property.prop([outside, share], { numRuns: 12 })('is the point of the oracle in float64', (x, part) => {
    const rho = Math.fround(part * pNorm(x, p));
    const found = projected(x, rho, p);
    expect(length(plus(found, nearest(x, rho, p), -1))).toBeLessThan(1e-4 * (rho + length(x)));
    expect(Math.abs(pNorm(found, p) - rho)).toBeLessThan(1e-5 * rho);
  });

  property.prop([point, radius], runs)('keeps a point inside bit for bit', (x, rho) => {
    const inside = times(x, (0.99 * rho) / Math.max(rho, pNorm(x, p))).map((v) => Math.fround(v) + 0);
    withTree({ shape: [inside.length], values: inside }, (tree) => {
      expect(bits(projectOntoBall(tree, rho, p))).toEqual(bits(tree));
    });
  });

  property.prop([point, radius], runs)('leaves a projected point where it is, but for rounding', (x, rho) => {
    const once = projected(x, rho, p);
    expect(length(plus(projected(once, rho, p), once, -1))).toBeLessThan(2e-5 * rho);
  });

  property.prop([point, radius, fc.array(point, { minLength: 8, maxLength: 8 })], runs)(
    'is nearer than other points of the ball',
    (x, rho, others) => {
      const best = length(plus(projected(x, rho, p), x, -1));
      for (const drawn of others) {
        const padded = x.map((_, i) => drawn[i] ?? 0);
        const feasible = times(padded, Math.min(1, rho / pNorm(padded, p)) || 0);
        expect(length(plus(feasible, x, -1))).toBeGreaterThanOrEqual(best - 1e-4 * (rho + length(x)));
      }
    },
  );

  test('of radius 0 is the origin, and the origin stays', () => {
    expect(projected([3, -4, 0], 0, p).map(Math.abs)).toEqual([0, 0, 0]);
    expect(projected([0, 0], 0, p).map(Math.abs)).toEqual([0, 0]);
    expect(projected([0, 0], 1, p)).toEqual([0, 0]);
  });

  test('is over all leaves jointly', () => {
    tf.tidy(() => {
      const tree = projectOntoBall({ a: tf.tensor1d([3]), b: [tf.tensor1d([-4, 0.5])] }, tf.scalar(1), p);
      expect(numbers(tree)).toEqual(projected([3, -4, 0.5], 1, p));
    });
  });
});

test('a p whose powers are beyond float32 clips, as p = ∞ does', () => {
  for (const p of [1e8, 1e9, 1e300]) expect(projected([3, -4, 0.5], 1, p)).toEqual([1, -1, 0.5]);
  expect(projected([3, -4, 0.5], 1, 1e7)).toEqual([1, -1, 0.5].map((x) => expect.closeTo(x, 6)));
});

test('p below 1 is refused', () => {
  expect(() => projectOntoBall(tf.scalar(1), 1, 0.5)).toThrow('p must be at least 1, got 0.5.');
});
