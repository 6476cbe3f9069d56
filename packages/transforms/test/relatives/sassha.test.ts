import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { constant, type SasshaOptions, sassha } from '../../src/index.ts';
import { length, ofLength, plus } from '../support/plain.ts';
import { bowl, descents, follow, pointsOf, vectorsLoss } from '../support/second-order.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const diagonal = (a: readonly number[]) => bowl(a.map((x, i) => a.map((_, j) => (i === j ? x : 0))));

describe('sassha', () => {
  test.each(descents<SasshaOptions & { rho: number }>('sassha'))('$options', (descent) => {
    const { rho, ...options } = descent.options;
    expectPath(follow(sassha(rho, options), descent).path, descent.path);
  });

  test("knows a diagonal Hessian exactly: with power 1 its first step is Newton's from w + ε̂, downhill", () => {
    tf.tidy(() => {
      const [w, a] = [
        [0.7, -0.4, 1.1],
        [2, -5, 0.5],
      ];
      const g = a.map((x, i) => x * (w[i] ?? 0));
      const at = plus(w, ofLength(g, 0.3));
      const newton = pointsOf(sassha(0.3, { power: 1, epsilon: 0 }), diagonal(a), w).grads;
      expectEach(newton, [at[0] ?? 0, -(at[1] ?? 0), at[2] ?? 0], 5e-5);
      const root = pointsOf(sassha(0.3, { epsilon: 0.1 }), diagonal(a), w).grads;
      expectEach(
        root,
        a.map((x, i) => (x * (at[i] ?? 0)) / (Math.sqrt(Math.abs(x)) + 0.1)),
        5e-5,
      );
    });
  });

  test('probes at w + ε̂, at every n-th step only, and with other signs each time', () => {
    tf.tidy(() => {
      const probes: { readonly at: number[]; readonly signs: number[] }[] = [];
      const watched = Object.assign((w: tf.Tensor, batch: null) => vectorsLoss(w, batch), {
        hvp: (w: tf.Tensor, batch: null, z: tf.Tensor) => {
          probes.push({ at: numbers(w), signs: numbers(z) });
          return vectorsLoss.hvp(w, batch, z);
        },
      });
      const [w, link] = [tf.tensor1d([0.7, -0.4, 1.1]), sassha(0.3, { every: 2, seed: 1 })];
      let state = link.init(w);
      for (let step = 0; step < 12; step++) [, state] = link.update(watched, state, w, null);
      expect(probes).toHaveLength(6);
      for (const { at, signs } of probes) {
        expectEach([length(plus(at, numbers(w), -1))], [0.3], 1e-5);
        expect(signs.map(Math.abs)).toEqual([1, 1, 1]);
      }
      expect(new Set(probes.map(({ signs }) => signs.join())).size).toBeGreaterThan(2);
    });
  });

  test('refuses a power outside of (0, 1], and takes a schedule of it', () => {
    expect(() => sassha(0.1, { power: 0 })).toThrow('power must be in (0, 1], got 0.');
    expect(() => sassha(0.1, { power: 1.5 })).toThrow('power must be in (0, 1], got 1.5.');
    expect(() => sassha(0.1, { power: constant(0.5) })).not.toThrow();
  });
});
