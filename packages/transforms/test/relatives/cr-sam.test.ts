import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CrSamOptions, chain, crSam, samTransform, sgd } from '../../src/index.ts';
import { quadratic } from '../support/gradients.ts';
import { length, ofLength, plus } from '../support/plain.ts';
import { A, given, pathOf, slope, W } from '../support/relatives.ts';
import { descents, follow } from '../support/second-order.ts';
import { gradientOf } from '../support/step.ts';
import { expectEach, expectNear, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('crSam', () => {
  test.each(descents<CrSamOptions & { rho: number }>('crSam'))('$options', (descent) => {
    const { rho, ...options } = descent.options;
    expectPath(follow(crSam(rho, options), descent).path, descent.path);
  });

  const onQuadratic = (options: CrSamOptions) =>
    tf.tidy(() => gradientOf(crSam(0.2, options), quadratic(A), tf.tensor1d([...W]), null));

  test('on a quadratic the change of curvature is nothing, and the other term is 2ρβ·H·ĝ', () => {
    const g = slope(W);
    const sharp = slope(plus(W, ofLength(g, 0.2)));
    expectNear(onQuadratic({ gamma: 5, beta: 0 }), [...sharp], 1e-5);
    expectNear(onQuadratic({ gamma: 0, beta: 3 }), [...plus(sharp, slope(g), (2 * 0.2 * 3) / length(g))], 1e-5);
  });

  test('mixes three gradients, of which the last is taken behind w', () => {
    expectEach(given(crSam(0.1, { gamma: 0.5, beta: 2 }), [1, 1, 1], [2, 3, 4], [1, 1, 3]), [
      2 + 0.5 * 1 + 2 * 1,
      3 + 0.5 * 2 + 2 * 2,
      4 + 0.5 * 5 + 2 * 1,
    ]);
  });

  test('without both terms is SAM', () => {
    expect(pathOf(chain(crSam(0.1, { gamma: 0, beta: 0 }), sgd(0.1)), 4)).toEqual(
      pathOf(chain(samTransform(0.1), sgd(0.1)), 4),
    );
  });
});
