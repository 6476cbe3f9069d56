import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type EigenvectorOptions,
  refreshEigenvector,
  startEigenvector,
  type TopEigenvector,
} from '../../src/relatives/top-eigenvector.ts';
import { bowl, TILTED } from '../support/second-order.ts';
import { numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

/** The state after some updates at one point, and the Hessian products that they took. */
function after(updates: number, options: EigenvectorOptions, hessian: readonly (readonly number[])[] = TILTED) {
  const { hvp } = bowl(hessian);
  const w = tf.zeros([hessian.length]);
  let products = 0;
  let state: TopEigenvector = startEigenvector(w, options);
  for (let i = 0; i < updates; i++)
    state = refreshEigenvector(
      state,
      (...at: Parameters<typeof hvp>) => {
        products += 1;
        return hvp(...at);
      },
      w,
      null,
      options,
    ).next;
  return { vector: numbers(state.vector), eigenvalue: state.eigenvalue.arraySync(), products };
}

describe('the search for the top eigenvector', () => {
  test('finds the eigenvalue that is the largest in magnitude, and its unit vector', () => {
    tf.tidy(() => {
      const { vector, eigenvalue } = after(1, { steps: 40 });
      expectEach(vector.map(Math.abs), [Math.SQRT1_2, Math.SQRT1_2], 1e-6);
      expect(Math.sign(vector[0] ?? 0)).toBe(Math.sign(vector[1] ?? 0));
      expectEach([eigenvalue], [3], 1e-6);
      const negative = after(1, { steps: 40 }, [
        [-5, 0],
        [0, 2],
      ]);
      expectEach(negative.vector.map(Math.abs).slice(0, 1), [1], 1e-6);
      expectEach([negative.eigenvalue], [-5], 1e-6);
    });
  });

  test('goes on from where the last refresh ended, and rests between them', () => {
    tf.tidy(() => {
      const twice = after(4, { steps: 2, every: 3, seed: 4 });
      expect(twice.products).toBe(4);
      expect(twice.vector).toEqual(after(1, { steps: 4, seed: 4 }).vector);
      const once = after(3, { steps: 2, every: 3, seed: 4 });
      expect(once.products).toBe(2);
      expect(once.vector).not.toEqual(twice.vector);
    });
  });

  test('starts at a unit vector that its seed alone decides', () => {
    tf.tidy(() => {
      const start = (seed: number) => numbers(startEigenvector([tf.zeros([2]), tf.scalar(0)], { seed }).vector);
      expectEach([Math.hypot(...start(3))], [1], 1e-6);
      expect(start(3)).toEqual(start(3));
      expect(start(3)).not.toEqual(start(4));
    });
  });

  test('stays where it is where the Hessian is zero, from where nothing would lead back', () => {
    tf.tidy(() => {
      const flat = [
        [0, 0],
        [0, 0],
      ];
      expect(after(1, { steps: 3 }, flat).vector).toEqual(after(0, {}, flat).vector);
      expect(after(1, { steps: 3 }, flat).eigenvalue).toBe(0);
    });
  });
});
