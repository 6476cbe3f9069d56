import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { accuracy, errorRate } from '../../src/index.ts';

const ints = (labels: number[]) => tf.tensor1d(labels, 'int32');

describe('accuracy and errorRate', () => {
  test('count rows whose first largest logit is the label', () => {
    const logits = tf.tensor2d([
      [1, 0, 0],
      [0, 1, 0],
      [5, 5, 1],
      [0, 0, 9],
    ]);
    expect(accuracy(logits, ints([0, 0, 0, 2])).arraySync()).toBe(0.75);
    expect(errorRate(logits, ints([0, 0, 0, 2])).arraySync()).toBe(0.25);
  });

  test('a network that says NaN is never right', () => {
    const logits = tf.tensor2d([
      [Number.NaN, Number.NaN],
      [0, Number.NaN],
      [Number.NaN, 0],
      [1, Number.NEGATIVE_INFINITY],
    ]);
    expect(accuracy(logits, ints([0, 0, 1, 0])).arraySync()).toBe(0.25);
    expect(errorRate(logits, ints([0, 0, 1, 0])).arraySync()).toBe(0.75);
  });

  test('leave one tensor each', () => {
    const [logits, labels] = [tf.zeros<tf.Rank.R2>([2, 3]), ints([0, 1])];
    const before = tf.memory().numTensors;
    accuracy(logits, labels);
    errorRate(logits, labels);
    expect(tf.memory().numTensors - before).toBe(2);
  });
});
