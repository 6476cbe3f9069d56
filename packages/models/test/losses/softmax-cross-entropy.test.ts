import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { softmaxCrossEntropy } from '../../src/index.ts';

const vectors = JSON.parse(readFileSync(new URL('../fixtures/sam_vectors.json', import.meta.url), 'utf8'));
const ints = (labels: number[]) => tf.tensor1d(labels, 'int32');

/** The loss in float64, written from its definition. */
function reference(logits: number[][], labels: number[], smoothing: number): number {
  const losses = logits.map((row, n) => {
    const top = Math.max(...row);
    const logSum = top + Math.log(row.reduce((s, v) => s + Math.exp(v - top), 0));
    const target = row.map((_, c) => (c === labels[n] ? 1 - smoothing : 0) + smoothing / row.length);
    return -row.reduce((s, v, c) => s + target[c]! * (v - logSum), 0);
  });
  return losses.reduce((s, v) => s + v, 0) / losses.length;
}

const example = fc.tuple(
  fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 }),
  fc.integer({ min: 0, max: 2 }),
);

describe('softmaxCrossEntropy', () => {
  property.prop({
    batch: fc.array(example, { minLength: 1, maxLength: 5 }),
    smoothing: fc.double({ min: 0, max: 1, noNaN: true }),
  })('is its definition', ({ batch, smoothing }) => {
    const [logits, labels] = [batch.map(([row]) => row), batch.map(([, label]) => label)];
    const loss = softmaxCrossEntropy(tf.tensor2d(logits), ints(labels), { smoothing }).arraySync();
    const expected = reference(logits, labels, smoothing);
    expect(Math.abs(loss - expected)).toBeLessThan(1e-5 * (1 + expected));
  });

  test('smooths labels as the paper’s code does', () => {
    const { inputs, expected } = vectors['loss/label-smoothing'];
    const loss = softmaxCrossEntropy(tf.tensor2d([inputs.logits]), ints([inputs.label]), {
      smoothing: inputs.smoothing,
    });
    expect(Math.abs(loss.arraySync() / expected.google - 1)).toBeLessThan(2e-5);
  });

  test('smooths labels over the other classes as davda54 does, less the entropy of the target', () => {
    const { inputs, expected } = vectors['loss/label-smoothing'];
    const loss = softmaxCrossEntropy(tf.tensor2d([inputs.logits]), ints([inputs.label]), {
      smoothing: inputs.smoothing,
      spread: 'others',
    });
    expect(Math.abs(loss.arraySync() / expected.davda54 - 1)).toBeLessThan(2e-5);
  });

  test('neither overflows nor underflows on logits near ±3·10³⁸', () => {
    const loss = (row: number[]) => softmaxCrossEntropy(tf.tensor2d([row]), ints([0])).arraySync();
    expect(loss([1e38, -1e38])).toBeCloseTo(0, 30);
    expect(loss([-1e38, 1e38])).toBeCloseTo(2e38, -34);
    expect(loss([1000, 1000])).toBeCloseTo(Math.log(2), 6);
  });

  test('the gradient is (softmax - target) / batch', () => {
    const logits = [2, -1, 0.5];
    const f = (z: tf.Tensor) => softmaxCrossEntropy(tf.stack([z, z]) as tf.Tensor2D, ints([2, 2]), { smoothing: 0.1 });
    const exps = logits.map(Math.exp);
    const total = exps.reduce((s, v) => s + v, 0);
    const gradient = tf.grad(f)(tf.tensor1d(logits)).dataSync();
    for (const [c, e] of exps.entries()) expect(gradient[c]).toBeCloseTo(e / total - (c === 2 ? 0.9 : 0) - 0.1 / 3, 6);
  });

  test('labels of another type or shape and smoothing out of [0, 1] are refused', () => {
    const logits = tf.zeros<tf.Rank.R2>([2, 3]);
    expect(() => softmaxCrossEntropy(logits, tf.tensor1d([0, 1]))).toThrow(
      'Labels must be int32 [2] for logits [2,3], got float32 [2].',
    );
    expect(() => softmaxCrossEntropy(logits, ints([0]))).toThrow('got int32 [1]');
    expect(() => softmaxCrossEntropy(logits, ints([0, 1]), { smoothing: 1.1 })).toThrow('lies in [0, 1], got 1.1.');
  });

  test('leaves one tensor, and none after a gradient but the gradient', () => {
    const [logits, labels] = [tf.zeros<tf.Rank.R2>([2, 3]), ints([0, 1])];
    const before = tf.memory().numTensors;
    softmaxCrossEntropy(logits, labels);
    expect(tf.memory().numTensors - before).toBe(1);
    tf.grad((z) => softmaxCrossEntropy(z as tf.Tensor2D, labels))(logits);
    expect(tf.memory().numTensors - before).toBe(2);
  });
});
