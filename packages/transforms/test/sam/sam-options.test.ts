import { fc, test as property } from '@fast-check/vitest';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type SamOptions, samTransform } from '../../src/index.ts';
import { quadratic } from '../support/gradients.ts';
import { inner, length, ofLength, type Point, plus, pNorm, slopeOf } from '../support/plain.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

/** What the report says after one update at `w`, and the points that were evaluated. */
function update(w: Point, a: Point, rho: number, p: number, options: SamOptions) {
  const points: number[][] = [];
  const gradient = (at: tf.Tensor) => {
    points.push(numbers(at));
    return quadratic(a)(at);
  };
  return tf.tidy(() => {
    const link = samTransform(rho, p, options);
    const params: tf.Tensor = tf.tensor1d([...w]);
    const [{ report, grads }] = link.update(gradient, link.init(params), params, null);
    const said = Object.fromEntries(Object.entries(report ?? {}).map(([name, value]) => [name, numbers(value)[0]]));
    return { said, points, grads: numbers(grads) };
  });
}

const lossOf = (a: Point, w: Point) => 0.5 * inner(w, slopeOf(a)(w));

describe('steps: k', () => {
  const coordinate = fc.double({ min: 0.1, max: 2, noNaN: true });
  const weights = fc.array(
    fc.tuple(coordinate, fc.boolean()).map(([x, negative]) => Math.fround(negative ? -x : x)),
    { minLength: 3, maxLength: 3 },
  );
  const curvatures = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });

  property.prop([weights, curvatures, fc.constantFrom(1, 1.5, 2, 3, Number.POSITIVE_INFINITY)], { numRuns: 20 })(
    'reaches a loss that is not lower than that of one step, within the ball',
    (w, a, p) => {
      const one = update(w, a, 0.5, p, {});
      const more = update(w, a, 0.5, p, { steps: 3 });
      expect(more.points).toHaveLength(4);
      const [reached = [], first = []] = [more.points.at(-1), one.points.at(-1)];
      expect(more.points[1]).toEqual(first);
      expect(lossOf(a, reached)).toBeGreaterThanOrEqual(lossOf(a, first) * (1 - 1e-4));
      expect(pNorm(plus(reached, w, -1), p)).toBeLessThanOrEqual(0.5 * (1 + 1e-4));
      expect(more.said.epsilonHatNorm).toBeCloseTo(pNorm(plus(reached, w, -1), p), 4);
    },
  );

  test('is projected gradient ascent, by hand', () => {
    const [w, a] = [
      [0.7, -0.4, 1.1],
      [1, 4, 0.5],
    ];
    const slope = slopeOf(a);
    let e = ofLength(slope(w), 0.5);
    for (let i = 0; i < 2; i++) {
      const further = plus(e, ofLength(slope(plus(w, e)), 0.5));
      e = ofLength(further, Math.min(0.5, length(further)));
    }
    expectNear(update(w, a, 0.5, 2, { steps: 3 }).grads, [...slope(plus(w, e))], 1e-5);
  });

  test.each([1, 1.5, 2, 3, Number.POSITIVE_INFINITY])('with rho = 0 is the plain gradient, p = %s', (p) => {
    expect(update([0.5, -1], [2, 4], 0, p, { steps: 3 }).grads).toEqual([1, -4]);
  });

  test.each([0, 1.5, Number.NaN])('steps: %s is refused', (steps) => {
    expect(() => samTransform(0.1, 2, { steps })).toThrow(`steps must be a positive whole number, got ${steps}.`);
  });
});

describe('certificate', () => {
  const w = [3, 0.4];
  const a = [1, 10]; // gradient [3, 4]

  test('has the entries of the closed forms', () => {
    const { said } = update(w, a, 0.5, 2, { certificate: true });
    const at = [3.3, 0.8];
    const [g, sharp] = [slopeOf(a)(w), slopeOf(a)(at)];
    const wanted = {
      epsilonNorm: 0.5,
      ascent: 2.5,
      lossBefore: lossOf(a, w),
      lossAfter: lossOf(a, at),
      linearizationRatio: (lossOf(a, at) - lossOf(a, w)) / 2.5,
      gradientCosine: inner(g, sharp) / length(g) / length(sharp),
      gradientNormRatio: length(sharp) / length(g),
    };
    expectEach(
      Object.keys(wanted).map((name) => said[name] ?? Number.NaN),
      Object.values(wanted),
    );
  });

  test.each([1, 1.5, 3, Number.POSITIVE_INFINITY])('measures ε in its own norm, p = %s', (p) => {
    const { said } = update(w, a, 0.25, p, { certificate: true });
    const q = p === 1 ? Number.POSITIVE_INFINITY : p / (p - 1);
    const dual = pNorm([3, 4], p === Number.POSITIVE_INFINITY ? 1 : q);
    expectEach([said.epsilonNorm ?? Number.NaN, said.ascent ?? Number.NaN], [0.25, 0.25 * dual]);
  });

  test('has a ratio of 1 for a linear loss', () => {
    tf.tidy(() => {
      const slope = (at: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(at), grads: tf.onesLike(at), aux: null as Tree });
      const link = samTransform(0.5, 3, { certificate: true });
      const [{ report }] = link.update(slope, link.init(null), tf.tensor1d([0.25, 0.5]) as tf.Tensor, null);
      expectEach(
        numbers([report?.linearizationRatio, report?.gradientCosine, report?.gradientNormRatio]),
        [1, 1, 1],
        1e-5,
      );
    });
  });

  test('is finite, with zeros, at a minimum', () => {
    const { said } = update([0, 0], a, 0.5, 2, { certificate: true });
    expect(said).toMatchObject({
      epsilonNorm: 0,
      ascent: 0,
      lossBefore: 0,
      lossAfter: 0,
      linearizationRatio: 0,
      gradientCosine: 0,
      gradientNormRatio: 0,
    });
  });

  test('of some leaves is of what moved', () => {
    tf.tidy(() => {
      const params = { norm: tf.tensor1d([3, 4]), kernel: tf.tensor1d([100]) };
      const gradient = ({ norm, kernel }: typeof params) => ({
        value: tf.sum<tf.Scalar>(tf.mul(tf.square(norm), 0.5)),
        grads: { norm: tf.clone(norm), kernel: tf.clone(kernel) },
        aux: null,
      });
      const link = samTransform(0.5, 2, { certificate: true, perturb: (path) => path === '.norm' });
      const [{ report }] = link.update(gradient, link.init(params), params, null);
      expectEach(numbers([report?.epsilonNorm, report?.ascent]), [0.5, 2.5]);
    });
  });
});

describe('adaptive', () => {
  test('by layer scales each leaf by its norm: every layer moves in proportion to its size', () => {
    const points: number[][] = [];
    tf.tidy(() => {
      const params = { large: tf.tensor1d([6, 8]), small: tf.tensor1d([0.1]) };
      const gradient = (at: typeof params) => {
        points.push(numbers([at.large, at.small]));
        return { value: tf.scalar(0), grads: { large: tf.tensor1d([0.3, 0]), small: tf.tensor1d([20]) }, aux: null };
      };
      const link = samTransform(0.5, 2, { adaptive: { eta: 0.01, by: 'layer' } });
      link.update(gradient, link.init(params), params, null);
    });
    const [t, s] = [10.01, 0.11];
    const scale = 0.5 / Math.hypot(t * 0.3, s * 20);
    expectEach(points[1] ?? [], [6 + scale * t * t * 0.3, 8, 0.1 + scale * s * s * 20]);
  });

  test.each([-1, Number.NaN])('refuses eta = %s', (eta) => {
    expect(() => samTransform(0.1, 2, { adaptive: { eta } })).toThrow(
      `eta must be a number of at least 0, got ${eta}.`,
    );
  });
});
