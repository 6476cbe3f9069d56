import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type EigenCorrectedSamOptions, eigenCorrectedSam, samTransform } from '../../src/index.ts';
import { startEigenvector } from '../../src/relatives/top-eigenvector.ts';
import { inner, length, plus, times } from '../support/plain.ts';
import { descents, follow, pointsOf, slope, TILTED, vectorsLoss } from '../support/second-order.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('eigenCorrectedSam', () => {
  test.each(descents<EigenCorrectedSamOptions & { rho: number }>('eigenCorrectedSam'))('$options', (descent) => {
    const { rho, ...options } = descent.options;
    const link = eigenCorrectedSam(rho, options);
    const { path, said } = follow(link, descent, ({ topEigenvalue }) => topEigenvalue as tf.Scalar);
    expectPath(path, descent.path);
    expectEach(said.flat(), descent.said.topEigenvalue as number[]);
  });

  /** What it makes of a gradient where the eigenvectors are (1, 1)/√2 and (1, -1)/√2, and the sign of its v. */
  function corrected(g: readonly number[], alpha: number, seed: number) {
    return tf.tidy(() => {
      const { grads } = pointsOf(eigenCorrectedSam(0.1, { alpha, steps: 60, seed }), slope(g, TILTED), [0, 0]);
      const start = numbers(startEigenvector(tf.zeros([2]), { seed }).vector);
      return { grads, v: [...times([Math.SQRT1_2, Math.SQRT1_2], Math.sign(inner(start, [1, 1])))] };
    });
  }

  test.each([
    { g: [3, 1], seed: 0 },
    { g: [3, 1], seed: 1 },
    { g: [3, 1], seed: 2 },
    { g: [-4, 1], seed: 0 },
    { g: [-4, 1], seed: 3 },
  ])('lowers the component along the eigenvector by α·|⟨ĝ, v⟩|, and leaves the rest: $g, $seed', ({ g, seed }) => {
    const { grads, v } = corrected(g, 0.7, seed);
    const unit = times(g, 1 / length(g));
    expectEach([inner(grads, v)], [inner(unit, v) - 0.7 * Math.abs(inner(unit, v))], 1e-5);
    expectEach([inner(grads, [1, -1])], [inner(unit, [1, -1])], 1e-5);
  });

  test('takes the whole component out at alpha = 1, where the angle to the eigenvector is acute', () => {
    const { grads, v } = corrected([3, 1], 1, 0);
    const acute = times([3, 1], Math.sign(inner(v, [1, 1])));
    expectNear(
      corrected(acute, 1, 0).grads,
      plus(times(acute, 1 / length(acute)), v, -inner(acute, v) / length(acute)),
    );
    expect(grads).toHaveLength(2);
  });

  test('with alpha = 0 is the direction of SAM, whatever the scale of the loss', () => {
    tf.tidy(() => {
      const w = [0.7, -0.4, 1.1];
      const sharp = pointsOf(samTransform(0.2), vectorsLoss, w).grads;
      expectEach(
        pointsOf(eigenCorrectedSam(0.2, { alpha: 0 }), vectorsLoss, w).grads,
        [...times(sharp, 1 / length(sharp))],
        1e-6,
      );
      const small = corrected([3e-6, 1e-6], 0.5, 0).grads;
      expectNear(small, corrected([3, 1], 0.5, 0).grads, 1e-5);
    });
  });
});
