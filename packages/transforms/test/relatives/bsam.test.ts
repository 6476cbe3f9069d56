import { key, split } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BsamOptions, type BsamState, bsam, samplePosterior } from '../../src/index.ts';
import { descents, follow, pointsOf, slope } from '../support/second-order.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const flat = [[0]];

describe('bsam', () => {
  test.each(descents<BsamOptions & { rho: number }>('bsam'))('$options', (descent) => {
    const { rho, ...options } = descent.options;
    const { path, said } = follow(bsam(rho, options), descent, (_, { precision }) => precision as tf.Tensor);
    expectPath(path, descent.path);
    expectPath(said, descent.said.precision as number[][]);
  });

  test('draws with deviation 1/√(N·s): four times the examples halve the noise', () => {
    tf.tidy(() => {
      const draw = (examples: number, initial: number) =>
        pointsOf(bsam(0.1, { examples, initial }), slope([0], flat), [0]).points[0] ?? [];
      expectEach(
        draw(4000, 1),
        draw(1000, 1).map((x) => x / 2),
        1e-6,
      );
      expectEach(
        draw(1000, 9),
        draw(1000, 1).map((x) => x / 3),
        1e-6,
      );
      const draws = Array.from(
        { length: 400 },
        (_, seed) => pointsOf(bsam(0.1, { examples: 25, seed }), slope([0], flat), [0]).points[0]?.[0] ?? Number.NaN,
      );
      // The variance of 400 draws is 1/25 within 0.2 of it (three standard errors).
      expectEach([draws.reduce((sum, x) => sum + x * x, 0) / 400], [1 / 25], 0.21);
    });
  });

  test('evaluates at w + ρ·g/s, around w and not around the draw, and decays w itself', () => {
    tf.tidy(() => {
      const options = { examples: 10, initial: 2, weightDecay: 0.5, b1: 0.8 };
      const { points, grads } = pointsOf(bsam(0.1, options), slope([4], flat), [3]);
      expectEach(points[1] ?? [], [3 + (0.1 * 4) / 2], 1e-6);
      expectEach(grads, [(0.2 * (4 + 0.5 * 3)) / 2], 1e-6);
    });
  });

  test('is refused without the examples, or with none', () => {
    // @ts-expect-error the examples of the training set say how narrow the posterior is
    expect(() => bsam(0.1, {})).toThrow('examples of bsam must be a number, got nothing.');
    expect(() => bsam(0.1, { examples: 0 })).toThrow('examples must be a finite number above 0, got 0.');
  });
});

describe('samplePosterior', () => {
  test('draws each weight with its own mean and variance, other ones for other keys, from a state of bsam', () => {
    tf.tidy(() => {
      const w = { a: tf.tensor1d([1, -2]), b: tf.scalar(5) };
      const state: BsamState = bsam(0.1, { examples: 50 }).init(w);
      const precision = { a: tf.tensor1d([4, 100]), b: tf.scalar(1) };
      const draws = split(key(3), 2000).map((each) => numbers(samplePosterior(w, precision, each)));
      const { mean, variance } = tf.moments(tf.tensor2d(draws), 0);
      expectNear(numbers(mean), [1, -2, 5], 0.02);
      expectEach(numbers(variance), [0.25, 0.01, 1], 0.15);
      expect(numbers(state.precision)).toEqual([50, 50, 50]);
      expect(numbers(samplePosterior(w, precision, key(1)))).toEqual(numbers(samplePosterior(w, precision, key(1))));
    });
  });

  test('says what a key is', () => {
    expect(() => samplePosterior(tf.scalar(1), tf.scalar(1), null as never)).toThrow(
      'key must be a random key, as key(0) of @steppe/random makes it, got null.',
    );
  });
});
