import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, type EigenSamOptions, eigenSam, samTransform, sgd } from '../../src/index.ts';
import { inner, length, plus } from '../support/plain.ts';
import { descents, follow, pointsOf, slope, TILTED, vectorsLoss } from '../support/second-order.ts';
import { descend } from '../support/step.ts';
import { expectEach, expectNear, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const part = fc.double({ min: -5, max: 5, noNaN: true }).filter((x) => Math.abs(x) > 1e-2);

describe('eigenSam', () => {
  test.each(descents<EigenSamOptions & { rho: number }>('eigenSam'))('$options', (descent) => {
    const { rho, ...options } = descent.options;
    const { path, said } = follow(eigenSam(rho, options), descent, ({ topEigenvalue }) => topEigenvalue as tf.Scalar);
    expectPath(path, descent.path);
    expectEach(said.flat(), descent.said.topEigenvalue as number[]);
  });

  property.prop([fc.tuple(part, part), fc.double({ min: 0.1, max: 3, noNaN: true })], { numRuns: 40, seed: 1 })(
    'adds to ρ·ĝ a part that is orthogonal to g, on the side of the eigenvector where g is, and is not normalized again',
    (g, alpha) => {
      tf.tidy(() => {
        const [rho, v] = [0.3, [Math.SQRT1_2, Math.SQRT1_2]];
        const cosine = inner(g, v) / length(g);
        fc.pre(Math.abs(cosine) > 1e-2 && Math.abs(cosine) < 0.999);
        const { points } = pointsOf(eigenSam(rho, { alpha, steps: 40 }), slope(g, TILTED), [0, 0]);
        const [, epsilon = []] = points;
        expectEach([inner(epsilon, g)], [rho * length(g)], 1e-5);
        expectEach([length(epsilon)], [rho * Math.sqrt(1 + alpha ** 2 * (1 - cosine ** 2))], 1e-5);
        const added = plus(epsilon, g, -rho / length(g));
        expect(Math.sign(inner(added, v))).toBe(Math.sign(cosine));
      });
    },
  );

  test('does not depend on the sign of the eigenvector', () => {
    tf.tidy(() => {
      const gradients = [0, 1, 2, 3, 4, 5].map(
        (seed) => pointsOf(eigenSam(0.3, { alpha: 1, steps: 60, seed }), vectorsLoss, [0.7, -0.4, 1.1]).grads,
      );
      for (const grads of gradients) expectNear(grads, gradients[0] ?? [], 1e-5);
    });
  });

  test('with alpha = 0 is SAM, and so it is where the gradient is the eigenvector or orthogonal to it', () => {
    const path = (link: ReturnType<typeof eigenSam> | ReturnType<typeof samTransform>) =>
      descend(chain(link, sgd(0.1)), vectorsLoss, tf.tensor1d([0.7, -0.4, 1.1]), null, 5);
    expect(path(eigenSam(0.2, { alpha: 0, every: 2 }))).toEqual(path(samTransform(0.2)));
    tf.tidy(() => {
      const along = pointsOf(eigenSam(0.5, { steps: 60 }), slope([3, 3], TILTED), [0, 0]).points[1] ?? [];
      expectEach(along, [0.5 * Math.SQRT1_2, 0.5 * Math.SQRT1_2], 1e-5);
    });
  });

  test('a zero gradient is not perturbed', () => {
    tf.tidy(() => {
      expect(pointsOf(eigenSam(0.5), slope([0, 0], TILTED), [1, 2]).points[1]).toEqual([1, 2]);
    });
  });
});
