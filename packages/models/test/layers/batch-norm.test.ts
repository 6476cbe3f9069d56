import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import { leaves } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { batchNorm, initBatchNorm } from '../../src/index.ts';
import { gradient } from '../support/gradient.ts';

const vectors = JSON.parse(readFileSync(new URL('../fixtures/sam_vectors.json', import.meta.url), 'utf8'));
const near = (x: number[], y: number[], digits = 5) => {
  expect(x).toHaveLength(y.length);
  for (const [i, value] of x.entries()) expect(value).toBeCloseTo(y[i]!, digits);
};
const entry = fc.double({ min: -10, max: 10, noNaN: true });

describe('batchNorm', () => {
  property.prop({
    rows: fc.array(fc.tuple(entry, entry), { minLength: 2, maxLength: 12 }),
    scale: fc.tuple(entry, entry),
    bias: fc.tuple(entry, entry),
  })('in training it is the closed form over the batch', ({ rows, scale, bias }) => {
    const params = { scale: tf.tensor1d(scale), bias: tf.tensor1d(bias) };
    const [y, next] = batchNorm(params, initBatchNorm(2).state, tf.tensor2d(rows), { training: true });
    for (const c of [0, 1] as const) {
      const column = rows.map((row) => Math.fround(row[c]));
      const mean = column.reduce((s, v) => s + v, 0) / column.length;
      const variance = column.reduce((s, v) => s + (v - mean) ** 2, 0) / column.length;
      const actual = y.arraySync().map((row) => row[c]!);
      // A column that is nearly constant divides rounding errors of its mean by √ε.
      const tolerance = 1e-4 + (1e-5 * Math.abs(scale[c])) / Math.sqrt(variance + 1e-5);
      for (const [i, x] of column.entries()) {
        const expected = ((x - mean) / Math.sqrt(variance + 1e-5)) * scale[c] + bias[c];
        expect(Math.abs(actual[i]! - expected)).toBeLessThan(tolerance * (1 + Math.abs(expected)));
      }
      expect(next.mean.arraySync()[c]!).toBeCloseTo(0.1 * mean, 4);
      expect(next.variance.arraySync()[c]!).toBeCloseTo(0.9 + 0.1 * variance, 4);
    }
  });

  test('over images it averages all but the channels', () => {
    const { params, state } = initBatchNorm(2);
    const x = tf.tensor4d([0, 10, 2, 10, 4, 10, 6, 30], [1, 2, 2, 2]);
    const [y, next] = batchNorm(params, state, x, { training: true });
    near([...next.mean.dataSync()], [0.3, 1.5]);
    near([...next.variance.dataSync()], [0.9 + 0.5, 0.9 + 7.5]);
    near(
      [...y.dataSync()].filter((_, i) => i % 2 === 0),
      [-3, -1, 1, 3].map((v) => v / Math.sqrt(5 + 1e-5)),
    );
  });

  test('in evaluation it uses the running statistics and gives them back as a copy', () => {
    const { params } = initBatchNorm(1);
    const state = { mean: tf.tensor1d([2]), variance: tf.tensor1d([4]) };
    const [y, next] = batchNorm(params, state, tf.tensor2d([[6], [2]]), { training: false, epsilon: 0 });
    near([...y.dataSync()], [2, 0]);
    near([next.mean.dataSync()[0]!, next.variance.dataSync()[0]!], [2, 4]);
    expect(next.mean.id).not.toBe(state.mean.id);
  });

  property.prop({
    exponent: fc.integer({ min: 0, max: 37 }),
    gap: fc.integer({ min: -3, max: 3 }),
    scale: entry,
    bias: entry,
  })('in evaluation it does not cancel, however large the mean', ({ exponent, gap, scale, bias }) => {
    const params = { scale: tf.tensor1d([scale]), bias: tf.tensor1d([bias]) };
    const mean = Math.fround(1.7 * 10 ** exponent);
    const x = Math.fround(mean * (1 + gap * 2 ** -20));
    const state = { mean: tf.tensor1d([mean]), variance: tf.tensor1d([4]) };
    const [y] = batchNorm(params, state, tf.tensor2d([[mean], [x]]), { training: false });
    expect(y.dataSync()[0]! - Math.fround(bias)).toBe(0);
    const expected = ((x - mean) / Math.sqrt(4 + 1e-5)) * Math.fround(scale) + bias;
    if (Math.abs(expected) < 3e38)
      expect(Math.abs(y.dataSync()[1]! - expected)).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(expected)));
  });

  test('running statistics move as in the paper: only the clean pass counts', () => {
    const { inputs, expected } = vectors['bn/running-stats'];
    const { params } = initBatchNorm(1);
    const start = { mean: tf.tensor1d([inputs.running]), variance: tf.tensor1d([1]) };
    const pass = (mean: number, state = start) =>
      batchNorm(params, state, tf.tensor2d([[mean - 1], [mean + 1]]), { training: true })[1];
    const clean = pass(inputs.clean);
    expect(clean.mean.dataSync()[0]).toBeCloseTo(expected.correct, 6);
    // What a caller would get that fed the clean pass's state to the perturbed one.
    expect(pass(inputs.perturbed, clean).mean.dataSync()[0]).toBeCloseTo(expected.naive, 6);
    expect(start.mean.dataSync()[0]).toBe(inputs.running);
  });

  test('momentum 1 keeps the running statistics, momentum 0 replaces them', () => {
    const { params, state } = initBatchNorm(1);
    const x = tf.tensor2d([[1], [3]]);
    const of = (momentum: number) => batchNorm(params, state, x, { training: true, momentum })[1];
    expect([...of(1).mean.dataSync(), ...of(1).variance.dataSync()]).toEqual([0, 1]);
    expect([...of(0).mean.dataSync(), ...of(0).variance.dataSync()]).toEqual([2, 1]);
  });

  test('a channel that is constant gives the bias, with finite gradients', () => {
    const { params, state } = initBatchNorm(1);
    const f = (x: tf.Tensor2D) => tf.sum(batchNorm(params, state, x, { training: true })[0]) as tf.Scalar;
    const { value, grads } = gradient(f, tf.fill<tf.Rank.R2>([3, 1], 7));
    expect(value.arraySync()).toBe(0);
    expect([...grads.dataSync()].every(Number.isFinite)).toBe(true);
  });

  test('the gradient is the closed form of the backward pass', () => {
    const params = { scale: tf.tensor1d([2]), bias: tf.tensor1d([1]) };
    const x = [1, 4, -2, 0.5];
    const dy = [0.3, -1, 2, 0.7];
    const f = (t: tf.Tensor2D) =>
      tf.sum(
        tf.mul(batchNorm(params, initBatchNorm(1).state, t, { training: true })[0], tf.tensor2d(dy, [4, 1])),
      ) as tf.Scalar;
    const { grads } = gradient(f, tf.tensor2d(x, [4, 1]));
    const mean = (v: number[]) => v.reduce((s, e) => s + e, 0) / v.length;
    const sigma = Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2)) + 1e-5);
    const hat = x.map((v) => (v - mean(x)) / sigma);
    const projection = mean(hat.map((h, i) => h * dy[i]!));
    near(
      [...grads.dataSync()],
      dy.map((d, i) => (2 / sigma) * (d - mean(dy) - hat[i]! * projection)),
    );
  });

  test('the second derivative is right', () => {
    const { params, state } = initBatchNorm(1);
    const column = (values: readonly number[]) => tf.tensor2d([...values], [3, 1]);
    const f = (x: tf.Tensor) =>
      tf.sum(tf.mul(column([1, -2, 0.5]), batchNorm(params, state, x, { training: true })[0]));
    const slope = (x: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(tf.grad(f)(x), column([0.2, 1, -1])));
    const x = [0.3, -1.2, 2];
    const second = [
      ...tf
        .grad(slope)(tf.tensor2d(x, [3, 1]))
        .dataSync(),
    ];
    const h = 1e-2;
    const at = (i: number, d: number) => slope(column(x.map((v, k) => (k === i ? v + d : v)))).arraySync();
    near(
      second,
      x.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h)),
      3,
    );
  });

  test('only results are left', () => {
    const { params, state } = initBatchNorm(3);
    const x = tf.ones([4, 2, 2, 3]);
    const before = tf.memory().numTensors;
    const outputs = batchNorm(params, state, x, { training: true });
    expect(tf.memory().numTensors - before).toBe(leaves(outputs).length);
  });
});
