import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { activate, conv, dense, dropout, heNormal, initConv, initDense } from '../../src/index.ts';

const moments = (x: tf.Tensor) => {
  const { mean, variance } = tf.moments(x);
  return { mean: mean.arraySync() as number, variance: variance.arraySync() as number };
};

describe('heNormal', () => {
  test('has mean 0 and variance 2 / fan out', () => {
    const shape = [3, 3, 40, 60] as const;
    const { mean, variance } = moments(heNormal(key(1), shape));
    const expected = 2 / (9 * 60);
    const n = 9 * 40 * 60;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(expected / n));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  });
});

describe('conv', () => {
  test('a stride of 2 stands on every second pixel, as the 1×1 shortcut does', () => {
    const x = tf.tensor4d(
      Array.from({ length: 16 }, (_, i) => i),
      [1, 4, 4, 1],
    );
    const identity = { kernel: tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]) };
    const one = { kernel: tf.ones<tf.Rank.R4>([1, 1, 1, 1]) };
    expect([...conv(identity, x, 2).dataSync()]).toEqual([0, 2, 8, 10]);
    expect([...conv(one, x, 2).dataSync()]).toEqual([0, 2, 8, 10]);
  });

  test('zeros surround the image', () => {
    const sums = conv({ kernel: tf.ones<tf.Rank.R4>([3, 3, 1, 1]) }, tf.ones<tf.Rank.R4>([1, 3, 3, 1]));
    expect([...sums.dataSync()]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });

  test.each([
    [5, 3],
    [6, 3],
    [1, 1],
  ])('an image of side %i has side %i after a stride of 2', (side, half) => {
    expect(conv(initConv(key(0), 3, 1, 2), tf.ones<tf.Rank.R4>([1, side, side, 1]), 2).shape).toEqual([
      1,
      half,
      half,
      2,
    ]);
  });
});

describe('dense', () => {
  test('starts uniform in ±1/√out with bias 0', () => {
    const { kernel, bias } = initDense(key(2), 200, 25);
    const { mean, variance } = moments(kernel);
    expect(tf.max(tf.abs(kernel)).arraySync()).toBeLessThanOrEqual(Math.fround(0.2));
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(variance).toBeCloseTo(0.04 / 3, 3);
    expect([...bias.dataSync()].every((b) => b === 0)).toBe(true);
  });

  test('is an affine map', () => {
    const params = {
      kernel: tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      bias: tf.tensor1d([10, 20]),
    };
    expect(dense(params, tf.tensor2d([[1, 1]])).arraySync()).toEqual([[14, 26]]);
  });
});

describe('activate', () => {
  test('relu and silu are their formulas', () => {
    const x = [-3, -0.5, 0, 0.5, 3];
    expect([...activate('relu', tf.tensor1d(x)).dataSync()]).toEqual([0, 0, 0, 0.5, 3]);
    for (const [i, y] of [...activate('silu', tf.tensor1d(x)).dataSync()].entries())
      expect(y).toBeCloseTo(x[i]! / (1 + Math.exp(-x[i]!)), 6);
  });

  test('silu has its true derivative', () => {
    for (const x of [-5, -0.3, 0, 0.7, 4]) {
      const s = 1 / (1 + Math.exp(-x));
      const derivative = tf.grad((t: tf.Tensor) => activate('silu', t))(tf.scalar(x));
      expect(derivative.arraySync()).toBeCloseTo(s + x * s * (1 - s), 6);
    }
  });
});

describe('dropout', () => {
  test('keeps the expectation and drops the share that it says', () => {
    const n = 100_000;
    const y = dropout(key(3), 0.3, tf.ones([n])).dataSync();
    const dropped = y.filter((v) => v === 0).length / n;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / n));
    expect(y.every((v) => v === 0 || v === Math.fround(1 / 0.7))).toBe(true);
  });

  test('a key is a mask', () => {
    const mask = (seed: number) => dropout(key(seed), 0.5, tf.ones([64])).dataSync();
    expect(mask(1)).toEqual(mask(1));
    expect(mask(1)).not.toEqual(mask(2));
  });

  test('the gradient passes through the same mask', () => {
    const x = tf.ones([32]);
    const f = (t: tf.Tensor) => dropout(key(1), 0.5, t);
    expect(tf.grad(f)(x).dataSync()).toEqual(f(x).dataSync());
  });

  test('rate 0 copies, rates out of [0, 1) are refused', () => {
    const x = tf.tensor1d([1, 2]);
    const y = dropout(key(0), 0, x);
    expect(y.id).not.toBe(x.id);
    expect(y.arraySync()).toEqual([1, 2]);
    for (const rate of [-0.1, 1, Number.NaN])
      expect(() => dropout(key(0), rate, x)).toThrow(`The rate of dropout must be in [0, 1), got ${rate}.`);
  });
});
