import { fc, test as property } from '@fast-check/vitest';
import { hvp, valueAndGrad } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { onWasm } from '../../../../tools/vitest/wasm.ts';
import { entryWeight, huberLoss, meanSquaredError, sigmoidCrossEntropy } from '../../src/index.ts';

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, e] of expected.entries())
    expect(Math.abs(actual[i]! - e)).toBeLessThanOrEqual(tolerance * Math.abs(e) + 1e-12);
};
const sum = (x: readonly number[]) => x.reduce((s, v) => s + v, 0);
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const sigmoid = (z: number) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/** Value, gradient and second derivative along ones, of one entry. */
const derivatives = (f: (z: tf.Tensor) => tf.Scalar, z: number[]) => {
  const at = tf.tensor1d(z);
  const { value, grads } = valueAndGrad(f)(at, null);
  return [value, grads, hvp(f)(at, null, tf.onesLike(at))].map((x) => [...x.dataSync()]);
};

describe('sigmoidCrossEntropy', () => {
  const entry = fc.record({
    z: fc.oneof(fc.float({ min: -30, max: 30, noNaN: true }), fc.constantFrom(0, 1e4, -1e4, 3e38, -3e38)),
    t: fc.constantFrom(0, 1, 0.25),
    w: fc.constantFrom(0, 0.5, 2),
    p: fc.constantFrom(1, 0.1, 5),
  });

  property.prop({ entries: fc.array(entry, { minLength: 1, maxLength: 6 }) })(
    'is its definition, twice differentiable, for every finite logit',
    ({ entries }) => {
      const z = entries
        .map((e) => Math.fround(e.z))
        .map((v) => (Math.abs(v) > 1e30 && entries.length > 1 ? v / 16 : v));
      const column = (of: (e: (typeof entries)[number]) => number) => entries.map(of);
      const weights = column((e) => e.w);
      const options = { weights: tf.tensor1d(weights), positiveWeights: column((e) => e.p) };
      const labels = tf.tensor1d(column((e) => e.t));
      const f = (x: tf.Tensor) => sigmoidCrossEntropy(x, labels, options);
      const whole = sum(weights);
      const mean = (x: number) => (whole === 0 ? 0 : x / whole);
      const [value, gradient, second] = derivatives(f, z);
      near(value!, [
        mean(sum(entries.map(({ t, w, p }, i) => w * (p * t * softplus(-z[i]!) + (1 - t) * softplus(z[i]!))))),
      ]);
      const slope = entries.map(({ t, w, p }, i) => mean(w * ((1 - t) * sigmoid(z[i]!) - p * t * sigmoid(-z[i]!))));
      for (const [i, s] of slope.entries()) expect(Math.abs(gradient![i]! - s)).toBeLessThan(1e-6 * (1 + Math.abs(s)));
      const curvature = entries.map(({ t, w, p }, i) => mean(w * (1 - t + p * t) * sigmoid(z[i]!) * sigmoid(-z[i]!)));
      for (const [i, s] of curvature.entries()) expect(Math.abs(second![i]! - s)).toBeLessThan(1e-6 * (1 + s));
    },
  );

  test('keeps small losses to their last digits', () => {
    for (const z of [5, 13, 16, 20, 80])
      near(sigmoidCrossEntropy(tf.tensor1d([z]), tf.tensor1d([1])).dataSync(), [Math.log1p(Math.exp(-z))], 1e-6);
  });

  test('takes labels of every type, ignores one, and weighs classes', () => {
    const logits = tf.tensor2d([
      [0.5, -2],
      [Number.NaN, 1],
    ]);
    const of = (labels: tf.Tensor) =>
      sigmoidCrossEntropy(logits, labels, { ignore: -1, classWeights: [1, 3] }).arraySync();
    const expected = (softplus(-0.5) + 3 * softplus(-2) + 3 * softplus(-1)) / 7;
    for (const dtype of ['float32', 'int32'] as const)
      expect(of(tf.tensor2d([1, 0, -1, 1], [2, 2], dtype))).toBeCloseTo(expected, 6);
    const bool = tf.tensor2d([true, false], [1, 2], 'bool');
    expect(sigmoidCrossEntropy(tf.tensor2d([[0.5, -2]]), bool).arraySync()).toBeCloseTo(
      (softplus(-0.5) + softplus(-2)) / 2,
      6,
    );
  });

  test('labels of -1 for no make it NaN; shares that were rounded do not', () => {
    const of = (t: number) => sigmoidCrossEntropy(tf.tensor1d([0.5]), tf.tensor1d([t])).arraySync();
    expect(of(-1)).toBeNaN();
    expect(of(2)).toBeNaN();
    expect(of(1 + 2e-7)).toBeCloseTo(softplus(-0.5), 5);
  });
});

describe('meanSquaredError and huberLoss', () => {
  test('are their definitions, twice differentiable', () => {
    const [y, t, w] = [
      [1, 2, 5, -9],
      [1, 2.5, 3, 1],
      [1, 1, 2, 0],
    ];
    const options = { weights: tf.tensor1d(w) };
    const targets = tf.tensor1d(t);
    const [mse, huber] = [
      derivatives((x) => meanSquaredError(x, targets, options), y),
      derivatives((x) => huberLoss(x, targets, { ...options, delta: 1 }), y),
    ];
    near(mse.flat(), [(0.25 + 8) / 4, 0, -1 / 4, 8 / 4, 0, 2 / 4, 2 / 4, 4 / 4, 0]);
    near(huber.flat(), [(0.125 + 3) / 4, 0, -0.5 / 4, 2 / 4, 0, 1 / 4, 1 / 4, 0, 0]);
  });

  test('neither spreads [batch] against [batch, 1] nor overflows far from the target', () => {
    expect(() => meanSquaredError(tf.zeros([3, 1]), tf.zeros([3]))).toThrow(
      'There must be one target for each of the predictions [3,1], got float32 [3].',
    );
    near(huberLoss(tf.tensor1d([1e30]), tf.tensor1d([0])).dataSync(), [Math.fround(1e30)]);
    expect(() => huberLoss(tf.zeros([1]), tf.zeros([1]), { delta: 0 })).toThrow(
      'delta must be a finite number above 0, got 0.',
    );
  });

  test('where nothing counts they are 0, whatever stands there', () => {
    const [y, t] = [tf.tensor2d([[Number.NaN, 1]]), tf.tensor2d([[1, Number.NaN]])];
    const options = { weights: tf.tensor1d([0]) };
    for (const loss of [meanSquaredError, huberLoss, sigmoidCrossEntropy]) {
      const { value, grads } = valueAndGrad((x: tf.Tensor) => loss(x, t, options))(y, null);
      expect([...value.dataSync(), ...grads.dataSync()]).toEqual([0, 0, 0]);
    }
  });
});

test('entryWeight is what they divide by', () => {
  const targets = tf.tensor2d([[1, -1, 0]]);
  expect(entryWeight(targets).arraySync()).toBe(3);
  expect(entryWeight(targets, { ignore: -1 }).arraySync()).toBe(2);
  expect(entryWeight(targets, { ignore: -1, classWeights: [2, 3, 0.5] }).arraySync()).toBe(2.5);
  expect(entryWeight(targets, { weights: tf.tensor1d([2]), classWeights: [2, 3, 0.5] }).arraySync()).toBe(11);
});

test('WASM gives what the CPU backend gives, and only results are left', async () => {
  const run = () => {
    const [z, t] = [
      tf.tensor2d([
        [0, -20],
        [14, 1e4],
      ]),
      tf.tensor2d([
        [0, 0],
        [1, -1],
      ]),
    ];
    const options = { ignore: -1, weights: tf.tensor1d([1, 0.5]), positiveWeights: [2, 3] };
    const before = tf.memory().numTensors;
    const results = [
      sigmoidCrossEntropy(z, t, options),
      meanSquaredError(z, t),
      huberLoss(z, t),
      entryWeight(t, options),
    ];
    expect(tf.memory().numTensors - before).toBe(4);
    return results.flatMap((x) => [...x.dataSync()]);
  };
  near(await onWasm(run), run());
});
