import { type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { asyncSam, chain, epsilonHat, perturbBy, samTransform, sgd } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { type Point, plus } from '../support/plain.ts';
import { descent, pathOf, slope } from '../support/relatives.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('asyncSam', () => {
  test('goes where its formula goes', () => {
    expectReference('asyncSam', chain(asyncSam(0.2), sgd(0.1)));
  });

  test('for two gradients, as in the paper, is a perturbBy', () => {
    const ofThePaper = perturbBy(
      (w): { readonly last: Tree } => ({ last: zerosLike(w) }),
      (grads, { last }) => [epsilonHat(last as typeof grads, 0.2), { last: grads }],
    );
    expect(ofThePaper.gradientCost).toBe(2);
    expectReference('asyncSam of the paper', chain(ofThePaper, sgd(0.1)));
  });

  test('climbs along the last gradient, in the norm that it is told', () => {
    let last: Point = [0, 0, 0];
    const wanted = descent((w, step) => {
      last = slope(step === 0 ? w : plus(w, last.map(Math.sign), 0.1));
      return last;
    }, 5);
    expectPath(pathOf(chain(asyncSam(0.1, Number.POSITIVE_INFINITY), sgd(0.1)), 5), wanted);
  });

  test('is SAM where the gradient keeps its direction', () => {
    tf.tidy(() => {
      const gradient = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.mul(w, 2), aux: null });
      const w = tf.tensor1d([3, 4]) as tf.Tensor;
      const link = asyncSam(0.5);
      const [, state] = link.update(gradient, link.init(w), w, null);
      const [{ grads }] = link.update(gradient, state, w, null);
      const [{ grads: sharp }] = samTransform(0.5).update(gradient, samTransform(0.5).init(w), w, null);
      expect(tf.max(tf.abs(tf.sub(grads, sharp))).arraySync()).toBeLessThan(1e-6);
    });
  });
});
