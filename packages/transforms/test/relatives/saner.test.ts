import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, samTransform, saner, sgd } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { times } from '../support/plain.ts';
import { given, pathOf } from '../support/relatives.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('saner', () => {
  test.each([0.25, 0])('goes where its formula goes, α = %s', (alpha) => {
    expectReference(`saner ${alpha}`, chain(saner(0.2, alpha), sgd(0.1)));
  });

  test.each([1e-30, 1e-9, 1, 1e30])('shortens what SAM shortens and nothing else, at the scale %s', (c) => {
    // Shorter twice, and longer; turned around, equal and none; of a gradient of zero.
    for (const [clean, sharp, wanted] of [
      [
        [1, -2, 3],
        [0.5, -0.5, 4],
        [0.125, -0.125, 4],
      ],
      [
        [1, -1, 2],
        [-0.5, -1, 0],
        [-0.5, -1, 0],
      ],
      [
        [0, 0, 5],
        [3, -3, 5],
        [3, -3, 5],
      ],
    ] as const)
      expectEach(given(saner(0.1, 0.25), times(clean, c), times(sharp, c)), times(wanted, c), 1e-6);
  });

  test('is SAM with α = 1, bit for bit', () => {
    expect(pathOf(chain(saner(0.1, 1), sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
  });

  test('refuses an α outside of [0, 1]', () => {
    expect(() => saner(0.1, 2)).toThrow('alpha must be in [0, 1], got 2.');
  });
});
