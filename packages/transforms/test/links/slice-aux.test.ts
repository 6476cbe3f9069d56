import { key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AuxRules, accumulate, microBatch, type StepBatch, samTransform, together } from '../../src/index.ts';
import { numbers } from '../support/trees.ts';

beforeAll(() => tf.setBackend('cpu'));

const X = [1, 2, 3, 4, 5];

/** What a slice of numbers gives beside its loss, all of it at the weight. */
const aux = (x: tf.Tensor1D) => ({
  logits: tf.stack([x, tf.neg(x)], 1),
  above: { two: tf.cast(tf.sum(tf.cast(tf.greater(x, 2), 'int32')), 'int32'), total: tf.sum(x) },
  mean: tf.mean(x),
  updates: tf.scalar(4, 'int32'),
});
const evaluate = <A extends Tree>(give: (x: tf.Tensor1D) => A) => {
  const gradient = (w: tf.Tensor, x: tf.Tensor1D) => ({
    value: tf.mean<tf.Scalar>(x),
    grads: tf.clone(w),
    aux: give(x),
  });
  return (m: number, rules?: AuxRules) =>
    microBatch(m, rules === undefined ? {} : { aux: rules }).update(gradient, null, tf.scalar(1), tf.tensor1d(X))[0]
      .aux;
};

describe('the aux of slices', () => {
  test('is concatenated, summed or averaged as declared, and is that of the whole batch', () => {
    const rules = { logits: 'concat', above: 'sum' } as const;
    tf.tidy(() => {
      const whole = evaluate(aux)(9, rules);
      for (const m of [1, 2, 3]) {
        const sliced = evaluate(aux)(m, rules);
        expect(numbers(sliced.logits)).toEqual(numbers(whole.logits));
        expect(numbers(sliced.above)).toEqual([3, 15]);
        expect(sliced.above.two.dtype).toBe('int32');
        expect(numbers(sliced.mean)[0]).toBeCloseTo(3, 6);
        expect(numbers(sliced.updates)).toEqual([4]);
      }
    });
  });

  test('is the one of the clean evaluation behind SAM, and of batches one after another', () => {
    tf.tidy(() => {
      const gradient = (w: tf.Tensor, x: tf.Tensor1D) => ({
        value: tf.mean<tf.Scalar>(x),
        grads: tf.clone(w),
        aux: { seen: tf.mul(x, w) },
      });
      const link = accumulate({ aux: { seen: 'concat' } });
      const batches = together([tf.tensor1d([1, 2]), tf.tensor1d([3])]);
      const slices = (w: tf.Tensor, x: tf.Tensor1D) => link.update(gradient, null, w, x)[0];
      const [{ aux: seen }] = samTransform(0.5).update(slices, { count: tf.scalar(0, 'int32') }, tf.scalar(1), batches);
      expect(numbers(seen)).toEqual([1, 2, 3]);
    });
  });

  test('is not averaged by accident: lists of examples are refused, and counts that differ are no number', () => {
    tf.tidy(() => {
      // Slices of the same size, whose lists could be added.
      expect(() => evaluate((x) => ({ losses: tf.square(x) }))(1)).toThrow(
        `microBatch does not average [1] at ".aux.losses", which may be a list of examples: declare 'concat' or 'mean' by the option aux of microBatch.`,
      );
      expect(() => evaluate((x) => ({ losses: tf.square(x) }))(3)).toThrow(
        `got [3] and [2] at ".aux.losses": return means over the examples. A list of them is declared by the option aux of microBatch, 'concat'.`,
      );
      expect(numbers(evaluate((x) => ({ means: tf.fill([1], x.size) }))(1, { means: 'mean' }))).toEqual([1]);
      const hits = evaluate((x) => ({ hits: tf.sum(tf.cast(tf.greater(x, 2), 'int32')) }));
      expect(numbers(hits(2))).toEqual([-(2 ** 31)]);
      expect(numbers(hits(2, 'sum'))).toEqual([3]);
      expect(() => evaluate((x) => tf.any(tf.greater(x, 2)))(2)).toThrow(
        'microBatch averages and sums numbers, got bool at ".aux": cast it to float32 or int32.',
      );
    });
  });

  test('refuses rules that are none or for what is not there', () => {
    tf.tidy(() => {
      expect(() => evaluate(aux)(2, { logits: 'concat', above: 'sum', hits: 'sum' })).toThrow(
        'aux of microBatch has a rule for ".aux.hits", which the loss does not give: .aux.logits, .aux.above.two, .aux.above.total, .aux.mean, .aux.updates.',
      );
      expect(() => microBatch(2, { aux: { logits: 'stack' as 'concat' } })).toThrow(
        'aux of microBatch.logits must be "mean" or "sum" or "concat", got "stack".',
      );
      expect(() => evaluate((x) => tf.mean(x))(2, 'concat')).toThrow(
        'microBatch cannot concatenate scalars at ".aux": declare their sum or mean by the option aux of microBatch.',
      );
    });
  });

  test('holds the next state of a model in a training step, averaged also where it is as long as a slice', () => {
    tf.tidy(() => {
      type Step = StepBatch<tf.Tensor1D, tf.Tensor1D>;
      const gradient = (w: tf.Tensor, { batch, state }: Step) => ({
        value: tf.mean<tf.Scalar>(batch),
        grads: tf.clone(w),
        aux: { state: tf.add(state, tf.mean(batch)), metrics: {} },
      });
      const step: Step = { batch: tf.tensor1d([1, 2, 3, 4]), key: key(0), state: tf.tensor1d([10, 20]) };
      expect(numbers(microBatch(2).update(gradient, null, tf.scalar(1), step)[0].aux.state)).toEqual([12.5, 22.5]);
    });
  });
});
