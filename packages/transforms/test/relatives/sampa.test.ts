import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  addDecayedWeights,
  chain,
  type GradientTransformation,
  momentum,
  sampa,
  scale,
  sgd,
  together,
  trace,
} from '../../src/index.ts';
import { batches, expectReference } from '../support/other-epsilon.ts';
import { ofLength, type Point, plus, times } from '../support/plain.ts';
import { descent, pathOf, slope } from '../support/relatives.ts';
import { numbers } from '../support/trees.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const at = (step: number): tf.Tensor => tf.scalar(batches[step] ?? Number.NaN);

describe('sampa', () => {
  const optimizer = () => sampa(chain(addDecayedWeights(0.05), trace(0.9), scale(-0.1)), 0.2);

  test("goes where its authors' loop goes, on the last batch and the next one, with momentum and decay", () => {
    expectReference('sampa', optimizer(), (step) => together([at(step), at(step + 1)]));
  });

  test('goes where that loop goes with both gradients of one batch', () => {
    expectReference('sampa on one batch', optimizer(), (step) => at(step + 1));
  });

  test.each([0, 0.2, 1])('is the formula of the paper with plain descent, λ = %s', (lambda) => {
    let ahead: Point = [0, 0, 0];
    const wanted = descent((w, step) => {
      const perturbed = slope(step === 0 ? w : plus(w, ofLength(ahead, 0.2)));
      ahead = slope(plus(w, ahead, -0.1));
      return plus(times(perturbed, 1 - lambda), ahead, lambda);
    }, 5);
    expectPath(pathOf(sampa(sgd(0.1), 0.2, { lambda }), 5), wanted);
  });

  test('with ρ = 0 and λ = 0 is the optimizer, bit for bit', () => {
    const optimizers: readonly GradientTransformation<Tree>[] = [sgd(0.1), momentum(0.1), adam(0.1)];
    for (const inner of optimizers) expect(pathOf(sampa(inner, 0, { lambda: 0 }), 4)).toEqual(pathOf(inner, 4));
  });

  test('knows both points before either gradient: what one gives does not move the other', () => {
    const pointsWith = (spoiled: number) => {
      const points: number[][] = [];
      let evaluations = 0;
      const gradient = (w: tf.Tensor) => {
        points.push(numbers(w));
        evaluations += 1;
        return { value: tf.scalar(0), grads: evaluations === spoiled ? tf.fill(w.shape, 9) : tf.mul(w, 2), aux: null };
      };
      tf.tidy(() => {
        const link = sampa(momentum(0.1), 0.3);
        const w = tf.tensor1d([1, -2, 3]) as tf.Tensor;
        const [, state] = link.update(gradient, link.init(w), w, null as Tree);
        evaluations = 0;
        points.length = 0;
        evaluations = 10;
        link.update(gradient, state, w, null as Tree);
      });
      return points;
    };
    expect(pointsWith(11)).toEqual(pointsWith(0));
    expect(pointsWith(12)).toEqual(pointsWith(0));
    expect(new Set(pointsWith(0).map(String)).size).toBe(2);
  });

  test('refuses more batches than two, and what is no optimizer', () => {
    const three = together([at(0), at(1), at(2)]);
    tf.tidy(() => {
      const link = sampa(sgd(0.1), 0.2);
      const w = tf.scalar(1) as tf.Tensor;
      const gradient = (x: tf.Tensor) => ({ value: tf.scalar(0), grads: x, aux: null });
      expect(() => link.update(gradient, link.init(w), w, three)).toThrow(
        'sampa takes one batch, or two that are put together, the last and the next: together([last, next]).',
      );
    });
    expect(() => sampa(sgd(0.1), 0.2, { lambda: 2 })).toThrow('lambda must be in [0, 1], got 2.');
    expect(() => chain(sgd(0.1), sampa(sgd(0.1), 0.2))).toThrow('would step downhill behind sgd');
  });
});
