import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  applyUpdates,
  chain,
  dualNorm,
  linear,
  microBatch,
  sam,
  samTransform,
  scale,
  sgd,
} from '../../src/index.ts';
import { quadratic, regression } from '../support/gradients.ts';
import { gradientOf } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

test('gives the gradient at w + ε̂ with the loss, aux and report of w', () => {
  tf.tidy(() => {
    const gradient = (w: tf.Tensor) => ({
      ...quadratic([1, 10])(w),
      aux: { w: tf.clone(w) },
      report: { mine: tf.scalar(5) },
    });
    const w = tf.tensor1d([3, 0.4]); // gradient [3, 4], ε̂ = ρ·[0.6, 0.8]
    const link = samTransform(0.5);
    const [{ value, grads, aux, report }] = link.update(gradient, link.init(w), w, null);
    expectEach(numbers(grads), [3.3, 8]);
    expectEach(numbers(value), [0.5 * (9 + 1.6)]);
    expect(numbers(aux)).toEqual(numbers(w));
    const { mine, perturbedLoss, gradientNorm, epsilonHatNorm, rho } = report ?? {};
    expectEach(numbers([mine, perturbedLoss, gradientNorm, epsilonHatNorm, rho]), [
      5,
      0.5 * (3.3 ** 2 + 10 * 0.8 ** 2),
      5,
      0.5,
      0.5,
    ]);
  });
});

test('reports the dual norm of the gradient and the norm of ε̂ for every p, and 0 at a minimum', () => {
  tf.tidy(() => {
    for (const p of [1, 1.5, 2, 5, Number.POSITIVE_INFINITY]) {
      const link = samTransform(0.25, p);
      const w = tf.tensor1d([3, -0.4]);
      const [{ report }] = link.update(quadratic([1, 10]), link.init(w), w, null);
      expectEach(numbers([report?.gradientNorm, report?.epsilonHatNorm]), [
        ...numbers(dualNorm(tf.tensor1d([3, -4]), p)),
        0.25,
      ]);
      const minimum = tf.zeros([2]);
      const [still] = link.update(quadratic([1, 10]), link.init(minimum), minimum, null);
      expect(numbers([still.report?.gradientNorm, still.report?.epsilonHatNorm, still.grads])).toEqual([0, 0, 0, 0]);
    }
  });
});

test('follows a schedule of rho, one step for each update', () => {
  tf.tidy(() => {
    const link = chain(samTransform(linear(0, 1, 4)), microBatch(2));
    const batch = { x: tf.ones<tf.Rank.R2>([4, 1]), y: tf.zeros<tf.Rank.R1>([4]) };
    const w = tf.tensor1d([1]);
    let state = link.init(w);
    const radii = [0, 1, 2, 3, 4, 5].map(() => {
      const [{ report }, next] = link.update(regression, state, w, batch);
      state = next;
      return numbers(report?.rho)[0] ?? Number.NaN;
    });
    expect(radii).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
  });
});

test('w after an update depends on w, not on (w + e) - e, also when e is so large that it swallows w', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: Math.fround(-1e-3), max: Math.fround(1e-3), noNaN: true }), {
        minLength: 3,
        maxLength: 3,
      }),
      fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
      (values, p) =>
        tf.tidy(() => {
          // A linear loss has one gradient everywhere, so SAM of any radius takes the plain step.
          const slope = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(w), grads: tf.onesLike(w), aux: null });
          const w = tf.tensor1d(values);
          const after = (optimizer: typeof plain) =>
            numbers(applyUpdates(w, optimizer.update(slope, optimizer.init(w), w, null)[0].grads));
          const plain = chain(samTransform(0, p), scale(-1e-3));
          expect(after(chain(samTransform(1e10, p), scale(-1e-3)))).toEqual(after(plain));
        }),
    ),
  );
});

test('L2 before SAM is felt by both passes and by ε̂; decay behind it is outside', () => {
  const [a, decay, rho] = [[1, 10], 0.5, 0.1];
  const w = [1, -0.3];
  const norm = (x: readonly number[]) => Math.hypot(...x);
  const gradient = (at: readonly number[], scales: readonly number[]) => at.map((x, i) => x * (scales[i] ?? 0));
  const samOf = (scales: readonly number[]) => {
    const g = gradient(w, scales);
    return gradient(
      w.map((x, i) => x + (rho * (g[i] ?? 0)) / norm(g)),
      scales,
    );
  };
  const start = tf.tensor1d(w);
  const inside = gradientOf(chain(addDecayedWeights(decay), samTransform(rho)), quadratic(a), start, null);
  const outside = gradientOf(chain(samTransform(rho), addDecayedWeights(decay)), quadratic(a), start, null);
  expectEach(inside, samOf(a.map((x) => x + decay)));
  expectEach(
    outside,
    samOf(a).map((g, i) => g + decay * (w[i] ?? 0)),
  );
  dispose(start);
});

test('of radius 0 is the plain gradient bit for bit, for every p and either order of links', () => {
  const w = tf.tensor1d([0.3, -2]);
  const plain = gradientOf(scale(0.7), quadratic([1, 7]), w, null);
  for (const p of [1, 1.5, 2, 3, Number.POSITIVE_INFINITY]) {
    expect(gradientOf(chain(samTransform(0, p), scale(0.7)), quadratic([1, 7]), w, null)).toEqual(plain);
    expect(gradientOf(chain(scale(0.7), samTransform(linear(0, 0, 1), p)), quadratic([1, 7]), w, null)).toEqual(plain);
  }
  dispose(w);
});

test('magnitude-only scaling before it does not change ε̂', () => {
  const w = tf.tensor1d([0.3, -2]);
  const scaled = gradientOf(chain(scale(2 ** 40), samTransform(0.5), scale(2 ** -40)), quadratic([1, 7]), w, null);
  expectNear(scaled, gradientOf(samTransform(0.5), quadratic([1, 7]), w, null), 1e-6);
  dispose(w);
});

test('five hundred steps leak nothing', () => {
  const optimizer = sam(sgd(0.01), 0.05);
  let w: tf.Tensor = tf.tensor1d([1, 1]);
  let state = optimizer.init(w);
  const before = tf.memory().numTensors;
  for (let step = 0; step < 500; step++) {
    const [evaluation, next] = optimizer.update(quadratic([1, 10]), state, w, null);
    const moved = applyUpdates(w, evaluation.grads);
    dispose(evaluation, state, w);
    [w, state] = [moved, next];
  }
  expect(tf.memory().numTensors).toBe(before);
  dispose(w, state);
});

describe('refuses', () => {
  test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('rho = %s', (rho) => {
    expect(() => samTransform(rho)).toThrow(`rho must be a finite number of at least 0, got ${rho}.`);
    expect(() => sam(sgd(0.1), rho)).toThrow(`rho must be a finite number of at least 0, got ${rho}.`);
  });

  test.each([0.99, 0, Number.NaN])('p = %s', (p) => {
    expect(() => samTransform(0.1, p)).toThrow(`p must be at least 1, got ${p}.`);
  });
});
