import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  type AdamState,
  applyUpdates,
  type Count,
  chain,
  type Evaluation,
  type GradientTransformation,
  microBatch,
  sam,
  samTransform,
  scale,
  scaleByAdam,
  scaleBySchedule,
  sgd,
  type TraceState,
  trace,
} from '../../src/index.ts';
import { quadratic } from '../support/gradients.ts';
import { gradientOf } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('the states of links before a link that evaluates twice', () => {
  test('are those of the clean pass: momentum before SAM gathers clean gradients', () => {
    const w = tf.tensor1d([1, 1]);
    const optimizer = chain(trace(0.9), samTransform(0.5));
    const start = optimizer.init(w);
    const [evaluation, [momentum, count]] = optimizer.update(quadratic([1, 10]), start, w, null);
    expect(numbers(momentum)).toEqual([1, 10]);
    expect(numbers(count)).toEqual([1]);
    expectEach(numbers(evaluation.grads), [1 + 0.5 / Math.hypot(1, 10), 10 + 50 / Math.hypot(1, 10)]);
    dispose(w, start, evaluation, momentum, count);
  });

  test('both passes see the same incoming states: a count advances once for each update', () => {
    const w = tf.tensor1d([1, 1]);
    const rates = chain(
      scaleBySchedule(
        Object.assign((n: tf.Scalar) => tf.add<tf.Scalar>(tf.cast(n, 'float32'), 1), { sign: 1 as const }),
      ),
      sam(chain(), 0.5),
      samTransform(0.1),
    );
    let state = rates.init(w);
    for (let step = 1; step <= 4; step++) {
      const [evaluation, next] = rates.update(quadratic([1, 10]), state, w, null);
      dispose(evaluation, state);
      state = next;
      expect(numbers(state)).toEqual([step, step, step]);
    }
    dispose(w, state);
  });

  test('flow through chains in chains, to their own chain each', () => {
    const w = tf.tensor1d([1]);
    const inner = chain(trace(0.5), chain(samTransform(0.1), trace(0.25)));
    const outer = chain(scale(2), inner, samTransform(0.3), trace(0.9));
    const start = outer.init(w);
    const [evaluation, state] = outer.update(quadratic([1]), start, w, null);
    const [none, [before, [count, after]], second, last] = state;
    expect(none).toBeNull();
    // Clean: 2·w; SAM of it: 2·(w + 0.1); and the outer SAM takes all of that at w + 0.3.
    expectEach(numbers([before, count, after, second, last]), [2, 1, 2.2, 1, 2.8]);
    expectEach(numbers(evaluation.grads), [2.8]);
    dispose(w, start, evaluation, state);
  });
});

test('SAM of SAM is the gradient at w + ε̂ of the gradient at w + ε̂', () => {
  const w = tf.tensor1d([2]);
  expectEach(gradientOf(chain(samTransform(0.5), samTransform(0.25)), quadratic([3]), w, null), [3 * (2 + 0.25 + 0.5)]);
  dispose(w);
});

test('a chain costs the product of its links', () => {
  expect(chain().gradientCost).toBe(1);
  expect(chain(samTransform(0.1), trace(0.9), samTransform(0.1), microBatch(4), samTransform(0.1)).gradientCost).toBe(
    8,
  );
});

describe('types', () => {
  type Params = { readonly layers: readonly { readonly kernel: tf.Tensor4D }[]; readonly bias: tf.Tensor1D };
  type Batch = { readonly images: tf.Tensor4D };
  type Aux = { readonly logits: tf.Tensor2D };

  const optimizer = chain(samTransform(0.05), microBatch(32), chain(trace(0.9), scaleByAdam()), scale(-0.1));

  test('states infer as a tuple', () => {
    expectTypeOf(optimizer.init).returns.toEqualTypeOf<
      readonly [Count, null, readonly [TraceState, AdamState], null]
    >();
    expectTypeOf(chain()).toEqualTypeOf<GradientTransformation<readonly []>>();
    expectTypeOf(sam(sgd(0.1))).toEqualTypeOf<GradientTransformation<readonly [Count, readonly [Count | null]]>>();
  });

  test('optimizers of different states are one list', () => {
    const optimizers: GradientTransformation[] = [sgd(0.1), optimizer, sam(chain(scaleByAdam(), scale(-0.1)))];
    expectTypeOf(optimizers).toEqualTypeOf<GradientTransformation<Tree, Tree>[]>();
    expect(optimizers.map(({ gradientCost }) => gradientCost)).toEqual([1, 2, 2]);
  });

  test('the types of parameters, batch and aux flow through without annotation', () => {
    const step = (
      gradient: (params: Params, batch: Batch) => Evaluation<Params, Aux>,
      params: Params,
      batch: Batch,
    ) => {
      const [evaluation, state] = optimizer.update(gradient, optimizer.init(params), params, batch);
      expectTypeOf(evaluation).toEqualTypeOf<Evaluation<Params, Aux>>();
      expectTypeOf(evaluation.grads.layers[0]).toEqualTypeOf<{ readonly kernel: tf.Tensor4D } | undefined>();
      expectTypeOf(evaluation.aux.logits).toEqualTypeOf<tf.Tensor2D>();
      expectTypeOf(state).toEqualTypeOf<readonly [Count, null, readonly [TraceState, AdamState], null]>();
      expectTypeOf(applyUpdates(params, evaluation.grads)).toEqualTypeOf<Params>();
    };
    expectTypeOf(step).returns.toEqualTypeOf<void>();
  });

  test('a state of another chain, a missing leaf and a missing batch are compile errors', () => {
    const wrong = (
      gradient: (params: Params, batch: Batch) => Evaluation<Params, Aux>,
      params: Params,
      batch: Batch,
    ) => {
      const other = chain(trace(0.9), samTransform(0.05));
      const state = optimizer.init(params);
      // @ts-expect-error: the state of another chain
      optimizer.update(gradient, other.init(params), params, batch);
      // @ts-expect-error: a link's state is not the chain's
      trace(0.9).update(gradient, state, params, batch);
      // @ts-expect-error: the bias is missing
      optimizer.update(gradient, state, { layers: params.layers }, batch);
      // @ts-expect-error: no batch
      optimizer.update(gradient, state, params);
      // @ts-expect-error: the report is no leaf of the parameters
      const [{ grads }] = optimizer.update(gradient, state, params, batch)[0].grads.report;
      // @ts-expect-error: states of a chain are not changed in place
      state[0] = optimizer.init(params)[0];
      return grads;
    };
    expectTypeOf(wrong).toBeFunction();
  });
});
