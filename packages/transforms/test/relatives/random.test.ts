import { norm } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { epsilonHat, random } from '../../src/index.ts';
import { length, ofLength } from '../support/plain.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('random', () => {
  test.each([1, 2, 3, Number.POSITIVE_INFINITY])('moves by ρ in the norm p = %s, elsewhere at each step', (p) => {
    tf.tidy(() => {
      const link = random(0.5, 7, p);
      const w = tf.zeros([4]);
      const self = (at: tf.Tensor) => ({ value: tf.scalar(0), grads: at, aux: null });
      const [first, state] = link.update(self, link.init(w), w, null);
      const [second] = link.update(self, state, w, null);
      expectEach(numbers([norm(first.grads, p), norm(second.grads, p)]), [0.5, 0.5], 1e-6);
      expect(numbers(first.grads)).not.toEqual(numbers(second.grads));
      expect(numbers(random(0.5, 8, p).update(self, random(0.5, 8).init(w), w, null)[0].grads)).not.toEqual(
        numbers(first.grads),
      );
    });
  });

  test.each(vectors<{ z: number[]; rho: number }, { eps: number[]; as_printed: number[] }>('epshat/random'))(
    '$id: has norm ρ, which the formula as printed has not',
    ({ inputs: { z, rho }, expected }) => {
      expectEach([...ofLength(z, rho)], expected.eps, 1e-6);
      expectEach(
        tf.tidy(() => numbers(epsilonHat(tf.tensor1d(z), rho))),
        expected.eps,
      );
      expect(Math.abs(length(expected.as_printed) - rho)).toBeGreaterThan(0.02);
    },
  );
});
