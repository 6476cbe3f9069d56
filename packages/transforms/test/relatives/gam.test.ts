import { valueAndGrad } from '@steppe/autograd';
import { addScaled, dispose, dot, map, norm } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { gam } from '../../src/index.ts';
import { plus } from '../support/plain.ts';
import { bowl, descents, follow, pointsOf, slope, TILTED, vectorsLoss } from '../support/second-order.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const flat = [
  [0, 0],
  [0, 0],
];

describe('gam', () => {
  test.each(descents<{ rho: number; alpha: number }>('gam'))('$options', (descent) => {
    const { rho, alpha } = descent.options;
    const link = gam(rho, alpha);
    const { path, said } = follow(link, descent, ({ firstOrderFlatness }) => firstOrderFlatness as tf.Scalar);
    expectPath(path, descent.path);
    expectEach(said.flat(), descent.said.firstOrderFlatness as number[]);
  });

  test('goes to where the norm of the gradient rises the most, and adds its slope there', () => {
    tf.tidy(() => {
      // Along an eigenvector everything stays on it: ‖∇L‖ = 3‖w‖, whose slope is 3.
      const { points, grads } = pointsOf(gam(0.5, 2), bowl(TILTED), [1, 1]);
      const along = [Math.SQRT1_2, Math.SQRT1_2];
      expectEach(points[1] ?? [], [...plus([1, 1], along, 0.5)], 1e-6);
      expectEach(grads, [...plus([3, 3], along, 2 * 0.5 * 3)], 1e-6);
    });
  });

  test('is the plain gradient for ρ = 0, for α = 0, and of a linear loss', () => {
    tf.tidy(() => {
      const w = [0.7, -0.4, 1.1];
      const plain = numbers(vectorsLoss(tf.tensor1d(w), null).grads);
      for (const link of [gam(0, 1), gam(0.3, 0)]) expect(pointsOf(link, vectorsLoss, w).grads).toEqual(plain);
      expect(pointsOf(gam(0.3, 1), slope([3, 4], flat), [1, 2]).grads).toEqual([3, 4]);
    });
  });

  test('adds on a network the derivative of ρ·‖∇L‖ at the point that it goes to', () => {
    tf.tidy(() => {
      const loss = (w: { readonly in: tf.Tensor2D; readonly out: tf.Tensor2D }, x: tf.Tensor2D): tf.Scalar =>
        tf.mean(tf.square(tf.sub(tf.matMul(tf.sigmoid(tf.matMul(x, w.in)), w.out), 1)));
      const gradient = valueAndGrad(loss);
      const x = tf.tensor2d([
        [1, -2],
        [0.5, 1],
        [-1, 0.3],
      ]);
      const w = { in: tf.tensor2d([0.5, -1, 0.7, 0.2, 1.1, -0.6], [2, 3]), out: tf.tensor2d([1, -0.8, 0.4], [3, 1]) };
      const radius = 0.1;
      const points: (typeof w)[] = [];
      const watched: typeof gradient = Object.assign(
        (...at: Parameters<typeof gradient>) => {
          // A link frees the points that it makes.
          points.push(map(at[0], (leaf) => tf.keep(tf.clone(leaf))));
          return gradient(...at);
        },
        { hvp: gradient.hvp },
      );
      const [{ grads }] = gam(radius, 1).update(watched, { count: tf.scalar(0, 'int32') }, w, x);
      const added = addScaled(grads, -1, gradient(w, x).grads);
      const at = points[1] ?? w;
      const direction = {
        in: tf.tensor2d([1, 0.5, -1, 0.3, -0.2, 0.8], [2, 3]),
        out: tf.tensor2d([0.4, -1, 0.6], [3, 1]),
      };
      const flatness = (step: number) => radius * norm(gradient(addScaled(at, step, direction), x).grads).arraySync();
      expectEach([dot(added, direction).arraySync()], [(flatness(1e-2) - flatness(-1e-2)) / 2e-2], 2e-3);
      expectEach([norm(addScaled(at, -1, w)).arraySync()], [radius], 1e-5);
      dispose(points);
    });
  });
});
