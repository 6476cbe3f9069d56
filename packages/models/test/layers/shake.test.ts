import { key, normal } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { padChannels, shake, shakeBranches, shakeDrop } from '../../src/index.ts';

const images = 4000;
const ones = tf.ones<tf.Rank.R4>([images, 1, 1, 2]);
const mean = (x: readonly number[]): number => x.reduce((total, v) => total + v, 0) / x.length;
const spread = (x: readonly number[]): number => mean(x.map((v) => (v - mean(x)) ** 2));
const correlation = (a: readonly number[], b: readonly number[]): number =>
  mean(a.map((v, i) => (v - mean(a)) * ((b[i] as number) - mean(b)))) / Math.sqrt(spread(a) * spread(b));

/** What a layer multiplies every image by, forward and backward; both channels of an image alike. */
function factors(layer: (x: tf.Tensor4D) => tf.Tensor4D): readonly [number[], number[]] {
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => layer(x as tf.Tensor4D))(ones, ones);
  return [value, grad].map((y) => {
    const rows = (y as tf.Tensor4D).reshape<tf.Tensor2D>([images, 2]).arraySync();
    expect(rows.every(([first, second]) => first === second)).toBe(true);
    return rows.map(([first]) => first as number);
  }) as [number[], number[]];
}

describe('Shake-Shake', () => {
  const [zeros, random] = [tf.zerosLike(ones), key(7)];
  const [alpha, beta] = factors((x) => shakeBranches(random, x, zeros));

  test('draws α forward and β backward for every image, uniform in [0, 1) and independent', () => {
    for (const draws of [alpha, beta]) {
      expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...draws)).toBeLessThan(1);
      expect(mean(draws)).toBeCloseTo(1 / 2, 1);
      expect(spread(draws)).toBeCloseTo(1 / 12, 2);
    }
    expect(Math.abs(correlation(alpha, beta))).toBeLessThan(0.05);
  });

  test('gives the other branch the rest, forward and backward', () => {
    const [forward, backward] = factors((x) => shakeBranches(random, zeros, x));
    for (const i of [0, 1, images - 1]) {
      expect(forward[i]).toBeCloseTo(1 - (alpha[i] as number), 6);
      expect(backward[i]).toBeCloseTo(1 - (beta[i] as number), 6);
    }
  });
});

describe('ShakeDrop', () => {
  test.each([1, 0.75, 0.5, 0])('keeps a branch with probability %f, and else scales it as published', (keep) => {
    const [forward, backward] = factors((x) => shakeDrop(key(3), keep, x));
    const [f, b] = [forward, backward].map((all) => all.filter((v) => v !== 1)) as [number[], number[]];
    expect(1 - f.length / images).toBeCloseTo(keep, 1);
    expect(b.length).toBe(f.length);
    expect(mean(forward)).toBeCloseTo(keep, 1);
    if (keep === 1) return;
    expect([Math.min(...f), Math.max(...f)].map((v) => v.toFixed(1))).toEqual(['-1.0', '1.0']);
    expect([Math.min(...b), Math.max(...b)].map((v) => v.toFixed(1))).toEqual(['0.0', '1.0']);
    expect(spread(f)).toBeCloseTo(1 / 3, 1);
    expect(mean(b)).toBeCloseTo(1 / 2, 1);
    expect(Math.abs(correlation(f, b))).toBeLessThan(0.07);
  });
});

test('what shakes leaves its arguments alone and only its result behind', () => {
  const x = normal<tf.Rank.R4>(key(1), [2, 3, 3, 2]);
  const before = tf.memory().numTensors;
  tf.dispose([shakeDrop(key(1), 0.5, x), shakeBranches(key(1), x, x), shake(x, x, x), padChannels(x, 2)]);
  expect([tf.memory().numTensors, x.isDisposed]).toEqual([before, false]);
});
