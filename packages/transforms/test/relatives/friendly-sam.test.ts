import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, friendlySam, samTransform, sgd } from '../../src/index.ts';
import { pathOf, scripted } from '../support/relatives.ts';
import { numbers } from '../support/trees.ts';
import { expectNear, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('friendlySam', () => {
  type Steps = { readonly steps: { readonly ema: number[]; readonly eps: number[] }[] };
  type Inputs = { readonly grads: number[][]; readonly sigma: number; readonly lmbda: number; readonly rho: number };

  /** ε and the mean after every step. */
  function steps({ grads, sigma, lmbda, rho }: Inputs): { ema: number[]; eps: number[] }[] {
    const link = friendlySam(rho, { sigma, decay: lmbda });
    const w = tf.zeros([3]);
    let state = link.init(w);
    return grads.map((g) => {
      const { gradient, points } = scripted(g);
      state = link.update(gradient, state, w, null)[1];
      return { ema: numbers(state.mean), eps: points[1] ?? [] };
    });
  }

  test.each(vectors<Inputs, Steps>('variant/friendly-sam').filter(({ id }) => !/divergence/.test(id)))(
    '$id',
    ({ inputs, expected }) => {
      for (const [i, { ema, eps }] of steps(inputs).entries()) {
        expectNear(ema, expected.steps[i]?.ema ?? [], 1e-6);
        expectNear(eps, expected.steps[i]?.eps ?? [], 1e-6);
      }
    },
  );

  test.each(vectors<Inputs, Steps>('variant/friendly-sam-kozistr-divergence'))(
    '$id: the mean is of gradients, not of what is left of them',
    ({ inputs, expected }) => {
      const [, second, third] = steps(inputs);
      expectNear(second?.eps ?? [], expected.steps[1]?.eps ?? [], 1e-6);
      expect(() => expectNear(second?.ema ?? [], expected.steps[1]?.ema ?? [], 1e-2)).toThrow();
      expect(() => expectNear(third?.eps ?? [], expected.steps[2]?.eps ?? [], 1e-2)).toThrow();
    },
  );

  test('with σ = 0 is SAM', () => {
    expect(pathOf(chain(friendlySam(0.1, { sigma: 0 }), sgd(0.1)), 4)).toEqual(
      pathOf(chain(samTransform(0.1), sgd(0.1)), 4),
    );
  });
});
