import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { bernoulli, key, normal, normals, uniform, uniforms } from '../src/index.ts';

const seeds = fc.maxSafeNat();

describe('uniform and normal', () => {
  property.prop([seeds])('hold the numbers of the host, so every backend has the same', (seed) => {
    expect(uniform(key(seed), [2, 3]).dataSync()).toEqual(uniforms(key(seed), 6));
    expect(normal(key(seed), [3, 2]).dataSync()).toEqual(normals(key(seed), 6));
  });

  property.prop([seeds])('scale to an interval', (seed) => {
    const draws = uniform(key(seed), [50], -3, 5).dataSync();
    for (const [i, u] of uniforms(key(seed), 50).entries()) expect(draws[i]).toBe(Math.fround(8 * u - 3));
  });

  test('have the shape and rank that they are asked for; the empty shape is a scalar', () => {
    expect(normal(key(0), []).shape).toEqual([]);
    expect(uniform(key(0), [0, 3]).shape).toEqual([0, 3]);
    expectTypeOf(normal<tf.Rank.R2>(key(0), [2, 2])).toEqualTypeOf<tf.Tensor2D>();
  });
});

describe('bernoulli', () => {
  test.each([0, 0.1, 0.5, 0.9, 1])('is one with probability %d, else zero', (probability) => {
    const n = 50_000;
    const mask = bernoulli(key(4), probability, [n]).dataSync();
    const ones = mask.filter((x) => x === 1).length;
    expect(mask.every((x) => x === 0 || x === 1)).toBe(true);
    expect(Math.abs(ones - n * probability)).toBeLessThanOrEqual(4.5 * Math.sqrt(n * probability * (1 - probability)));
  });

  test.each([-0.1, 1.1, Number.NaN])('refuses the probability %d', (probability) => {
    expect(() => bernoulli(key(0), probability, [1])).toThrow(`A probability lies in [0, 1], got ${probability}.`);
  });
});

test('each draw makes one tensor', () => {
  const before = tf.memory().numTensors;
  const draws = [uniform(key(0), [9], -1, 1), normal(key(0), [9]), bernoulli(key(0), 0.5, [9])];
  expect(tf.memory().numTensors - before).toBe(3);
  tf.dispose(draws);
});

test.each([
  [Number.NaN, 1],
  [0, Number.POSITIVE_INFINITY],
  ['0', 1],
])('uniform refuses the ends %o and %o', (low, high) => {
  expect(() => uniform(key(0), [2], low as number, high as number)).toThrow(
    `The ends of uniform are finite numbers, got ${low} and ${high}.`,
  );
});
