import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { chain, decoupledWsam, linear, samTransform, sgd, wsam } from '../../src/index.ts';
import { plus, times } from '../support/plain.ts';
import { given, type Pair, pathOf } from '../support/relatives.ts';
import { expectEach, expectPath, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('wsam', () => {
  type Decoupled = { coupled: number[]; decoupled_base_grad: number[]; decoupled_extra_direction: number[] };
  test.each(vectors<Pair & { gamma: number }, Decoupled>('variant/wsam'))('$id', ({ inputs, expected }) => {
    const { g_clean, g_perturbed, gamma } = inputs;
    expectEach(given(wsam(0.1, gamma), g_clean, g_perturbed), expected.coupled);
    const update = given(decoupledWsam(sgd(0.5), 0.1, gamma, 0.25), g_clean, g_perturbed);
    const wanted = plus(times(expected.decoupled_base_grad, -0.5), expected.decoupled_extra_direction, -0.25);
    expectEach(update, [...wanted]);
  });

  test('with γ = ½ is SAM and with γ = 0 the plain gradient', () => {
    expectPath(pathOf(chain(wsam(0.1, 0.5), sgd(0.1)), 4), pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
    expectPath(pathOf(chain(wsam(0.1, 0), sgd(0.1)), 4), pathOf(sgd(0.1), 4));
  });

  test('decoupled around gradient descent is the coupled form', () => {
    const decoupled = decoupledWsam(sgd(linear(0.1, 0, 8)), 0.1, 0.3, linear(0.1, 0, 8));
    expectPath(pathOf(decoupled, 4), pathOf(chain(wsam(0.1, 0.3), sgd(linear(0.1, 0, 8))), 4));
  });
});
