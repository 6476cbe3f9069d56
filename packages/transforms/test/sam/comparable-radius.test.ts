import { fc, test } from '@fast-check/vitest';
import { valueAndGrad } from '@steppe/autograd';
import { softmaxCrossEntropy, type WideResNetParams, wideResNet } from '@steppe/models';
import { key, normal } from '@steppe/random';
import { dot, map, norm, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import {
  applyUpdates,
  comparableRadius,
  dualNorm,
  epsilonHat,
  longestPerturbation,
  samTransform,
} from '../../src/index.ts';

const signs = fc.array(fc.constantFrom(-1, 1), { minLength: 1, maxLength: 300 });
const norms = fc.constantFrom(1, 1.2, 1.5, 2, 3, 4, 10, Infinity);
const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround), { minLength: 1, maxLength: 40 });

describe('comparableRadius', () => {
  test.prop([signs, norms])('promises the same rise for every p where the gradient is spread evenly', (s, p) =>
    tf.tidy(() => {
      const g = tf.mul(tf.tensor1d(s), 0.01);
      const radius = comparableRadius(0.05, p, s.length);
      const rise = 0.05 * (dualNorm(g, 2).arraySync() as number);
      expect(Math.abs(dot(epsilonHat(g, radius, p), g).arraySync() / rise - 1)).toBeLessThan(1e-4);
    }),
  );

  test.prop([signs, norms.filter((p) => p > 1)])('is the same step then for every p above 1', (s, p) =>
    tf.tidy(() => {
      const g = tf.tensor1d(s);
      const [step, euclidean] = [epsilonHat(g, comparableRadius(0.05, p, s.length), p), epsilonHat(g, 0.05)];
      expect(norm(tf.sub(step, euclidean)).arraySync()).toBeLessThan(1e-5);
    }),
  );

  it('has closed forms at the ends, and leaves p = 2 as it is', () => {
    expect(comparableRadius(0.3, Number.POSITIVE_INFINITY, 400)).toBeCloseTo(0.015, 12);
    expect(comparableRadius(0.3, 1, 400)).toBeCloseTo(6, 12);
    expect(comparableRadius(0.3, 2, 400)).toBe(0.3);
  });

  it('makes the loss of a network rise by like amounts, where one radius for every p does not', () => {
    tf.tidy(() => {
      const model = wideResNet({ depth: 10, width: 1, classes: 4 });
      const { params, state } = model.init(key(0), [4, 4, 1]);
      const batch = { x: normal<tf.Rank.R4>(key(1), [4, 4, 4, 1]), y: tf.tensor1d([0, 1, 2, 3], 'int32') };
      const loss = (w: WideResNetParams, { x, y }: typeof batch) =>
        softmaxCrossEntropy(model.apply(w, state, x, { training: true })[0], y);
      const { value, grads } = valueAndGrad(loss)(params, batch);
      const rise = (rho: number, p: number) =>
        loss(applyUpdates(params, epsilonHat(grads, rho, p)), batch).arraySync() - value.arraySync();
      const n = size(params);
      const euclidean = rise(0.05, 2);
      for (const p of [1.5, 3, 4, Number.POSITIVE_INFINITY]) {
        const factor = rise(comparableRadius(0.05, p, n), p) / euclidean;
        expect([p, factor > 0.15 && factor < 1.5]).toEqual([p, true]);
      }
      // 0.05 on every weight is far more than 0.05 in all.
      const lengths = [Number.POSITIVE_INFINITY, 2].map((p) => norm(epsilonHat(grads, 0.05, p)).arraySync() / 0.05);
      expect(lengths[0]).toBeGreaterThan(100);
      expect(lengths[1]).toBeCloseTo(1, 4);
    });
  });

  it('names what is wrong', () => {
    expect(() => comparableRadius(-1, 2, 10)).toThrow('rho must be a finite number of at least 0, got -1.');
    expect(() => comparableRadius(0.1, 0.5, 10)).toThrow('p must be at least 1, got 0.5.');
    expect(() => longestPerturbation(0.1, 2, 1.5)).toThrow('n must be a positive whole number of weights, got 1.5.');
  });
});

describe('longestPerturbation', () => {
  test.prop([entries, norms])('is never shorter than ε̂', (g, p) =>
    tf.tidy(() => {
      const length = norm(epsilonHat(tf.tensor1d(g), 0.1, p)).arraySync();
      expect(length).toBeLessThanOrEqual(longestPerturbation(0.1, p, g.length) * (1 + 1e-5));
    }),
  );

  it('is the length of ε̂ where the gradient is spread evenly, for p ≥ 2', () => {
    const g = tf.fill([50], -3);
    for (const p of [2, 3, Number.POSITIVE_INFINITY])
      expect(norm(epsilonHat(g, 0.1, p)).arraySync()).toBeCloseTo(longestPerturbation(0.1, p, 50), 5);
  });
});

it('the certificate of samTransform says how long ε̂ is beside the weights', () => {
  const params = { w: tf.tensor1d([3, 4]), frozen: tf.scalar(100) };
  const sam = samTransform(0.5, Number.POSITIVE_INFINITY, { certificate: true, perturb: (path) => path === '.w' });
  const gradient = (at: typeof params) => ({ value: tf.scalar(0), grads: map(at, (x) => tf.neg(x)), aux: null });
  const [{ report }] = sam.update(gradient, sam.init(params), params, null);
  expect(report?.epsilonToWeights?.arraySync()).toBeCloseTo(Math.SQRT1_2 / 5, 5);
});
