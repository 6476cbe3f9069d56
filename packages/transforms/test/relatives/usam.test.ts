import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { usam } from '../../src/index.ts';
import { scripted } from '../support/relatives.ts';
import { gradientOf } from '../support/step.ts';
import { expectEach, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('usam', () => {
  test.each(vectors<{ g: number[]; rho: number }, { eps: number[] }>('variant/usam'))('$id', ({ inputs, expected }) => {
    const { gradient, points } = scripted(inputs.g);
    tf.tidy(() => gradientOf(usam(inputs.rho), gradient, tf.zeros([3]), null));
    expectEach(points[1] ?? [], expected.eps);
  });
});
