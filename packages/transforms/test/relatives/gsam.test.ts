import { map, map2, norm } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, constant, gsam, linear, rhoFromLearningRate, samTransform, sgd, withClean } from '../../src/index.ts';
import { given, type Pair, pathOf } from '../support/relatives.ts';
import { expectEach, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('gsam', () => {
  test.each(
    vectors<Pair & { alpha: number }, { g: number[] }>('variant/gsam').filter(({ id }) => id === 'variant/gsam'),
  )('$id', ({ inputs, expected }) => {
    expectEach(given(gsam(0.1, inputs.alpha), inputs.g_clean, inputs.g_perturbed), expected.g);
  });

  test.each(vectors<Pair & { alpha: number }, { g: number[] }>('variant/gsam-min-f-h'))(
    '$id: the other form is another mix of the two gradients',
    ({ inputs, expected }) => {
      const other = withClean(samTransform(0.1), (g, sharp) => {
        const unit = map(g, (x) => tf.div(x, norm(g)));
        const along = map2(unit, sharp, (u, s) => tf.sum(tf.mul(u, s)));
        const turn = map2(sharp, map2(unit, along, tf.mul), tf.sub);
        return map2(g, turn, (x, t) => tf.add(x, tf.mul(t, inputs.alpha)));
      });
      expectEach(given(other, inputs.g_clean, inputs.g_perturbed), expected.g);
    },
  );

  test('with alpha = 0 is SAM, and with two parallel gradients too', () => {
    expect(pathOf(chain(gsam(0.1, 0), sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
    expectEach(given(gsam(0.1, 0.5), [1, 2, -2], [2, 4, -4]), [2, 4, -4], 1e-6);
  });

  test('a zero gradient gives zero', () => {
    expect(given(gsam(0.1, 0.5), [0, 0, 0])).toEqual([0, 0, 0]);
  });

  test('rhoFromLearningRate is linear in the learning rate, with the ends of the range', () => {
    const rho = rhoFromLearningRate(linear(0.1, 0, 4), { rho: [0.02, 0.1], learningRate: [0, 0.1] });
    const radii = [0, 1, 2, 4, 9].map((count) => tf.tidy(() => rho(tf.scalar(count, 'int32')).arraySync()));
    expectEach(radii, [0.1, 0.08, 0.06, 0.02, 0.02], 1e-6);
    expect(() => rhoFromLearningRate(constant(1), { rho: [0, 1], learningRate: [1, 1] })).toThrow(
      'The learning rates of the range must differ, got [1, 1].',
    );
  });
});
