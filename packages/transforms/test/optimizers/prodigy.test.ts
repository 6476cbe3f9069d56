import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyUpdates, type ProdigyOptions, prodigy } from '../../src/index.ts';
import { numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const A = [1, 4, 0.5];
const OPTIMUM = [3, -1, 2];

/** Weights and distance after each step on ½ Σ aⱼ(wⱼ - cⱼ)² from 0, its gradient times a factor. */
function run(options: ProdigyOptions, steps: number, factor = 1) {
  return tf.tidy(() => {
    const optimizer = prodigy(1, options);
    let w: tf.Tensor = tf.zeros([3]);
    let state = optimizer.init(w);
    return Array.from({ length: steps }, () => {
      const grads = tf.mul(tf.mul(tf.sub(w, OPTIMUM), A), factor);
      const [evaluation, next] = optimizer.update(() => ({ value: tf.scalar(0), grads, aux: null }), state, w, null);
      [w, state] = [applyUpdates(w, evaluation.grads), next];
      return { w: numbers(w), distance: numbers(state.distance)[0] ?? Number.NaN, report: evaluation.report };
    });
  });
}

describe('prodigy', () => {
  test('steps at first by the first distance, along the signs of the gradient', () => {
    const [first] = run({ epsilon: 0 }, 1);
    expectEach(first?.w ?? [], [1e-6, -1e-6, 1e-6], 1e-4);
    // √(1 - β₂)/(1 - β₁), times m/√v = (1 - β₁)/√(1 - β₂): without correction it would be less.
    const [shorter] = run({ epsilon: 0, firstDistance: 0.01, b1: 0.5, b2: 0.5 }, 1);
    expectEach(shorter?.w ?? [], [0.01, -0.01, 0.01], 1e-5);
  });

  test('estimates the distance at the second step by ⟨g, w₀ - w⟩ over ‖s‖₁', () => {
    const d = 0.1;
    const [, second] = run({ epsilon: 0, firstDistance: d }, 2);
    const [b1, b2, b3] = [0.9, 0.999, Math.sqrt(0.999)];
    const w = OPTIMUM.map((c) => d * Math.sign(c));
    const g0 = OPTIMUM.map((c, j) => -(A[j] ?? 0) * c);
    const g1 = OPTIMUM.map((c, j) => (A[j] ?? 0) * ((w[j] ?? 0) - c));
    const gamma = (t: number) => (d * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t);
    const r = gamma(2) * g1.reduce((sum, g, j) => sum - g * (w[j] ?? 0), 0);
    const s = g1.reduce((sum, g, j) => sum + Math.abs(b3 * gamma(1) * (g0[j] ?? 0) + gamma(2) * g), 0);
    expect(r / s).toBeLessThan(d); // the maximum keeps d
    expect(second?.distance).toBeCloseTo(d, 7);
    const [, grown] = run({ epsilon: 0, firstDistance: d, coefficient: 20 }, 2);
    expect((grown?.distance ?? 0) / ((20 * r) / s)).toBeCloseTo(1, 4);
  });

  test('finds the distance from far below, never lets it fall, and ends at the solution', () => {
    const path = run({}, 300);
    const distances = path.map(({ distance }) => distance);
    for (const [i, distance] of distances.slice(1).entries())
      expect(distance).toBeGreaterThanOrEqual(distances[i] ?? 0);
    const end = distances.at(-1) ?? 0;
    expect(end).toBeGreaterThan(0.3);
    expect(end).toBeLessThan(Math.hypot(...OPTIMUM));
    for (const [j, x] of (path.at(-1)?.w ?? []).entries()) expect(Math.abs(x - (OPTIMUM[j] ?? 0))).toBeLessThan(0.05);
  });

  test('is blind to the scale of the loss', () => {
    const path = (factor: number) => run({ epsilon: 0, firstDistance: 0.01 }, 20, factor).flatMap(({ w }) => w);
    // A power of 2 changes no rounding.
    expect(path(2 ** -12)).toEqual(path(1));
  });

  test('takes zero gradients without a NaN, and reports its step and its distance', () => {
    const path = run({ epsilon: 1e-8 }, 3, 0);
    expect(path.at(-1)?.w).toEqual([0, 0, 0]);
    tf.tidy(() => {
      const link = prodigy(0.5, { firstDistance: 0.25, b1: 0, b2: 0 });
      const w = tf.scalar(1);
      const [{ report }] = link.update(() => ({ value: tf.scalar(0), grads: w, aux: null }), link.init(w), w, null);
      expect(numbers([report?.scale, report?.distance])).toEqual([-0.125, 0.25]);
    });
  });
});
