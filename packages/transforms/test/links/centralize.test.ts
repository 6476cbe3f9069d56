import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { centralize, chain, samTransform, sgd } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { inner, ofLength, type Point, plus, slopeOf } from '../support/plain.ts';
import { gradientOf } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

/** What it makes of a gradient. */
const made = (g: tf.Tensor) => {
  const of = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null });
  return centralize().update(of, null, g, null)[0].grads;
};

describe('centralize', () => {
  test('before SAM is GCSAM, in which both gradients are centralized, and behind it the step alone is', () => {
    expectReference('gcsam', chain(centralize(), samTransform(0.2), sgd(0.1)));
    expectReference('gcsam', chain(centralize(), samTransform(0.2), centralize(), sgd(0.1)));
    expectReference('centralize behind', chain(samTransform(0.2), centralize(), sgd(0.1)));
  });

  test.each([[[3, 4]], [[2, 3, 4]], [[3, 3, 2, 5]]])('leaves a mean of 0 to each output of a kernel %j', (shape) => {
    tf.tidy(() => {
      const g = tf.add(tf.randomNormal(shape, 0, 1, 'float32', 7), tf.range(0, shape.at(-1) ?? 0));
      const axes = shape.slice(1).map((_, axis) => axis);
      const centered = made(g);
      for (const mean of numbers(tf.mean(centered, axes))) expect(Math.abs(mean)).toBeLessThan(1e-6);
      expectNear(numbers(tf.add(centered, tf.mean(g, axes, true))), numbers(g), 1e-6);
      expectNear(numbers(made(centered)), numbers(centered), 1e-6); // twice is once
    });
  });

  test('passes biases and scalars on unchanged', () => {
    tf.tidy(() => {
      expect(numbers(made(tf.tensor1d([1, 2, 6])))).toEqual([1, 2, 6]);
      expect(numbers(made(tf.scalar(3)))).toEqual([3]);
    });
  });

  test('passes the Hessian product on, so that order 2 is the derivative among weights of one mean', () => {
    const [a, w, rho] = [[1, 2, 5, 9], [1, 0.5, -0.3, 0.8], 0.3]; // [in, out], two by two
    const less = ([p = 0, q = 0, r = 0, s = 0]: Point): Point => [(p - r) / 2, (q - s) / 2, (r - p) / 2, (s - q) / 2];
    const worst = (at: Point) => {
      const reached = plus(at, ofLength(less(slopeOf(a)(at)), rho));
      return 0.5 * inner(reached, slopeOf(a)(reached));
    };
    const along = (d: Point) => (worst(plus(w, d, 1e-4)) - worst(plus(w, d, -1e-4))) / 2e-4;
    const gradient = Object.assign(
      (at: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.mul(at, tf.tensor2d(a, [2, 2])), aux: null }),
      { hvp: (_at: tf.Tensor, _batch: null, v: tf.Tensor) => tf.mul(v, tf.tensor2d(a, [2, 2])) as tf.Tensor },
    );
    const link = chain(centralize(), samTransform(rho, 2, { order: 2 }));
    const grads = tf.tidy(() => gradientOf(link, gradient, tf.tensor2d(w, [2, 2]), null));
    expectNear([...less(grads)], grads, 1e-6); // it has no mean itself
    for (const d of [
      [1, 0, -1, 0],
      [0, 1, 0, -1],
    ])
      expect(inner(grads, d)).toBeCloseTo(along(d), 4);
  });
});
