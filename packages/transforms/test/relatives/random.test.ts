import { foldIn, key, normal, split } from '@steppe/random';
import { addScaled, norm, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { epsilonHat, random, transformation } from '../../src/index.ts';
import { length, ofLength } from '../support/plain.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear, vectors } from '../support/vectors.ts';

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

  describe("with { noise: 'filter' }", () => {
    const rho = 0.25;
    const self = (at: tf.Tensor) => ({ value: tf.scalar(0), grads: at, aux: null });
    /** n, where the weights are added to it. */
    const noiseAt = (w: tf.Tensor, seed: number) => {
      const link = random(rho, seed, { noise: 'filter' });
      return tf.sub(link.update(self, link.init(w), w, null)[0].grads, w);
    };

    test.each([1e-25, 1, 1e25])('moves each output by noise of its own length, at the scale %s', (c) => {
      tf.tidy(() => {
        const w = tf.mul(tf.tensor3d([1, 10, 2, 20, 2, 20, 4, 40], [2, 2, 2]), c); // filters of length 5 and 50
        const [now] = split(key(7));
        const z = numbers(normal(foldIn(now, 0), [2, 2, 2]));
        const wanted = z.map((x, i) => x * rho * (i % 2 === 0 ? 5 : 50) * c);
        expectNear(numbers(noiseAt(w, 7)), wanted, 1e-5);
      });
    });

    test('moves a bias by noise of the length of the whole leaf, and nothing that is 0', () => {
      tf.tidy(() => {
        const [now] = split(key(7));
        const z = numbers(normal(foldIn(now, 0), [2]));
        expectNear(
          numbers(noiseAt(tf.tensor1d([3, -4]), 7)),
          z.map((x) => x * rho * 5),
          1e-5,
        );
        expect(numbers(noiseAt(tf.zeros([3, 2]), 7))).toEqual(Array(6).fill(0));
      });
    });

    test('has the standard deviation ρ·‖w_f‖ in every entry', () => {
      tf.tidy(() => {
        const w = tf.mul(tf.ones([200, 20]), tf.range(1, 21)) as tf.Tensor; // filters of length √200·(1 … 20)
        const variances = numbers(tf.mean(tf.square(noiseAt(w, 3)), 0));
        const mean = variances.reduce((sum, v, i) => sum + v / (rho ** 2 * 200 * (i + 1) ** 2) / 20, 0);
        expect(mean).toBeCloseTo(1, 1); // of 4,000 entries: 0.022 is one standard error
      });
    });

    test('mixes with the plain gradient in a link of two lines, which is the whole of RWP', () => {
      const noisy = random(0.1, 7, { noise: 'filter' });
      const alpha = 0.5;
      const rwp = transformation({
        gradientCost: 2,
        init: noisy.init,
        update(gradient, state, params, batch) {
          const [{ grads }, next] = noisy.update(gradient, state, params, batch);
          const clean = gradient(params, batch);
          return [{ ...clean, grads: addScaled(scaled(clean.grads, 1 - alpha), alpha, grads) }, next];
        },
      });
      tf.tidy(() => {
        const w = tf.tensor1d([1, 2, 2]) as tf.Tensor;
        const at = numbers(noisy.update(self, noisy.init(w), w, null)[0].grads);
        const mixed = numbers(rwp.update(self, rwp.init(w), w, null)[0].grads);
        expectEach(
          mixed,
          [1, 2, 2].map((x, i) => 0.5 * x + 0.5 * (at[i] ?? 0)),
          1e-6,
        );
      });
    });

    test('refuses another noise', () => {
      // @ts-expect-error there is one noise
      expect(() => random(0.1, 7, { noise: 'layer' })).toThrow('noise must be "filter", got "layer".');
      // @ts-expect-error the noise is not said
      expect(() => random(0.1, 7, {})).toThrow('noise must be "filter", got nothing.');
    });
  });
});
