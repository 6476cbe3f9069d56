import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  chain,
  type Evaluation,
  esam,
  type GradientTransformation,
  interval,
  masked,
  type RandomState,
  samTransform,
  sgd,
  skipNonFinite,
} from '../../src/index.ts';
import { descend } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('esam', () => {
  // Lᵢ = ½·xᵢ·w², of one weight.
  const exampleLoss = (w: tf.Tensor, x: tf.Tensor1D): tf.Tensor1D => tf.mul(tf.mul(x, 0.5), tf.square(w));
  const gradient = (w: tf.Tensor, x: tf.Tensor1D): Evaluation<tf.Tensor, null> => ({
    value: tf.mean<tf.Scalar>(exampleLoss(w, x)),
    grads: tf.mul(w, tf.mean(x)),
    aux: null,
  });

  test('takes the second gradient of the examples whose loss rises most', () => {
    tf.tidy(() => {
      const link = esam(0.5, { exampleLoss, beta: 1, gamma: 0.5 });
      const w = tf.scalar(2);
      const [{ grads, value, report }] = link.update(gradient, link.init(w), w, tf.tensor1d([1, 4, -2, 3, 0.5]));
      // ε = 0.5, and ⌈2.5⌉ = 3 examples: 4, 3 and 1.
      expectEach([...numbers(grads), ...numbers(value)], [(2.5 * 8) / 3, (0.5 * 4 * 6.5) / 5]);
      expectEach(numbers(report?.perturbedLoss), [(0.5 * 2.5 ** 2 * 8) / 3]);
    });
  });

  test('moves a random share β of the weights by ε̂/β, another one at every step', () => {
    const moved: number[][] = [];
    const size = 2000;
    const ones = (w: tf.Tensor): Evaluation<tf.Tensor, null> => {
      moved.push([...w.dataSync()]);
      return { value: tf.scalar(0), grads: tf.ones([size]), aux: null };
    };
    const link = esam(1, { exampleLoss: (_: tf.Tensor, x: tf.Tensor1D) => x, beta: 0.25, gamma: 1 });
    tf.tidy(() => {
      const w = tf.zeros([size]);
      const x = tf.tensor1d([1, 2]);
      const [, state] = link.update(ones, link.init(w), w, x);
      link.update(ones, state, w, x);
    });
    const [, first = [], , second = []] = moved;
    const each = 1 / Math.sqrt(size) / 0.25;
    for (const points of [first, second]) {
      const chosen = points.filter((e) => e !== 0);
      expectEach(
        chosen,
        chosen.map(() => each),
        1e-5,
      );
      expect(Math.abs(chosen.length / size - 0.25)).toBeLessThan(0.04); // four standard deviations
    }
    expect(first).not.toEqual(second);
  });

  test('with all weights and examples is SAM', () => {
    const sam = chain(esam(0.1, { exampleLoss, beta: 1, gamma: 1 }), sgd(0.1));
    const path = (optimizer: GradientTransformation<Tree, tf.Tensor1D>) =>
      tf.tidy(() => descend(optimizer, gradient, tf.scalar(2), tf.tensor1d([1, 4, 2]), 3));
    expect(path(sam)).toEqual(path(chain(samTransform(0.1), sgd(0.1))));
  });

  test('chooses among the examples alone: what is shared is passed on whole', () => {
    tf.tidy(() => {
      // Weights of three classes in a batch of three examples, one of each class.
      type Batch = { readonly x: tf.Tensor1D; readonly classes: tf.Tensor1D; readonly weights: tf.Tensor1D };
      const weighted = ({ x, classes, weights }: Batch) => tf.mul(x, tf.gather(weights, classes)) as tf.Tensor1D;
      const link = esam(0.5, {
        exampleLoss: (w: tf.Tensor, batch: Batch) => exampleLoss(w, weighted(batch)),
        shared: (path) => path === '.weights',
        beta: 1,
        gamma: 0.3,
      });
      const sums = (w: tf.Tensor, batch: Batch) => gradient(w, weighted(batch));
      const batch: Batch = {
        x: tf.tensor1d([3, 1, 2]),
        classes: tf.tensor1d([2, 1, 0], 'int32'),
        weights: tf.tensor1d([10, 1, 5]),
      };
      const w = tf.scalar(2);
      // The last example counts 2·10, the others 3·5 and 1.
      const [{ grads }] = link.update(sums, link.init(w), w, batch);
      expectEach(numbers(grads), [2.5 * 20]);
      const lost = esam(0.1, { exampleLoss, shared: (path) => path === '.labels' });
      expect(() => lost.update(gradient, link.init(w), w, batch.x)).toThrow(
        'shared of esam chooses no leaf of the batch, whose paths are ".".',
      );
    });
  });

  test('says in its type which batch it looks into, also through a chain and what wraps it', () => {
    type Labeled = { readonly x: tf.Tensor1D; readonly y: tf.Tensor1D };
    const link = esam(0.1, { exampleLoss: (w: tf.Tensor, { x }: Labeled) => exampleLoss(w, x) });
    expectTypeOf(link).toEqualTypeOf<GradientTransformation<RandomState, Labeled>>();
    const sharp = chain(
      samTransform(0.1),
      masked(link, () => true),
    );
    const optimizer = skipNonFinite(chain(interval(2, sharp), sgd(0.1)));
    expectTypeOf(optimizer.update).toBeCallableWith(
      (w: Tree, _: Labeled) => ({ value: tf.scalar(0), grads: w, aux: null }),
      optimizer.init(null),
      null,
      { x: tf.tensor1d([1]), y: tf.tensor1d([1]) },
    );
    // @ts-expect-error It takes no batch without x and y, so it is no link for any batch.
    const forAny: GradientTransformation<Tree> = optimizer;
    // @ts-expect-error Nor for another.
    const other: GradientTransformation<Tree, { readonly x: tf.Tensor2D }> = optimizer;
    const both: GradientTransformation<Tree, Labeled> = chain(optimizer);
    expect([forAny, other, both]).toHaveLength(3);
    expectTypeOf(chain(samTransform(0.1), sgd(0.1))).toExtend<GradientTransformation<Tree>>();
  });

  test('refuses losses that are not of the examples, and shares that are none', () => {
    const mean = esam(0.1, {
      exampleLoss: (w: tf.Tensor, x: tf.Tensor1D) => tf.slice(exampleLoss(w, x), 0, 2) as tf.Tensor1D,
    });
    const w = tf.scalar(2);
    const x = tf.tensor1d([1, 4, 2]);
    expect(() => mean.update(gradient, mean.init(w), w, x)).toThrow(
      'exampleLoss must give the loss of every example, [3], got [2].',
    );
    for (const share of [0, 1.1, Number.NaN]) {
      expect(() => esam(0.1, { exampleLoss, beta: share })).toThrow(`beta must be in (0, 1], got ${share}.`);
      expect(() => esam(0.1, { exampleLoss, gamma: share })).toThrow(`gamma must be in (0, 1], got ${share}.`);
    }
    dispose(w, x);
  });
});
