import { key } from '@steppe/random';
import {
  accumulate,
  chain,
  functionalSam,
  type GradientTransformation,
  microBatch,
  momentum,
  sam,
  samTransform,
  sgd,
  skipNonFinite,
  together,
} from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ModelLoss, type ModelLossOfOutputs, trainStep } from '../src/index.ts';
import { numbers } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

type Params = { readonly w: tf.Tensor2D; readonly v: tf.Tensor2D };
type State = { readonly mean: tf.Tensor };
type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D };

const params = (): Params => ({
  w: tf.tensor2d([0.5, -1, 2, 0.25], [2, 2]),
  v: tf.tensor2d([1, 0.3, -0.6, 0.4], [2, 2]),
});
const batch = (): Batch => ({
  x: tf.tensor2d([1, 2, -1, 0.5, 0.3, -0.7, 2, 0.1], [4, 2]),
  y: tf.tensor2d([1, 0, 0, 1, 0, 1, 1, 0], [4, 2]),
});

const parts: ModelLossOfOutputs<Params, State, Batch, tf.Tensor> = {
  outputs: ({ w, v }, { mean }, { x }) => [
    tf.matMul(tf.tanh(tf.matMul(x, w)), v),
    { mean: tf.add(tf.mul(mean, 0.5), tf.mean(x)) },
  ],
  loss(outputs, { y }) {
    const errors = tf.sub(outputs, y);
    return [tf.mean<tf.Scalar>(tf.square(errors)), { worst: tf.max<tf.Scalar>(tf.abs(errors)) }];
  },
};
const whole: ModelLoss<Params, State, Batch> = (w, state, examples, seed) => {
  const [outputs, next] = parts.outputs(w, state, examples, seed);
  const [loss, metrics] = parts.loss(outputs, examples) as readonly [tf.Scalar, { readonly worst: tf.Scalar }];
  return [loss, { state: next, metrics }];
};

/** Three steps, and what the last one told. */
function descend<OptimizerState extends Tree>(
  loss: typeof parts | typeof whole,
  optimizer: GradientTransformation<OptimizerState>,
  examples = batch(),
) {
  const step = trainStep(loss, optimizer);
  let position = step.start(params(), { mean: tf.scalar(0) }, key(0));
  let told = step.update(position, examples);
  for (let i = 0; i < 2; i++) {
    position = told.position;
    told = step.update(position, examples);
  }
  return told;
}

describe('a loss in two parts', () => {
  test('trains as the whole loss does, bit for bit, with its state, metrics and counts', () => {
    tf.tidy(() => {
      const optimizers: readonly GradientTransformation<Tree>[] = [
        sam(momentum(0.1), 0.05),
        chain(microBatch(2), samTransform(0.1, 2, { order: 2 }), sgd(0.1)),
      ];
      for (const optimizer of optimizers) {
        const [got, expected] = [descend(parts, optimizer), descend(whole, optimizer)];
        expect(numbers(got)).toEqual(numbers(expected));
        expect(got.report.gradients).toBe(expected.report.gradients);
        expect(Object.keys(got.report.metrics)).toEqual(['worst']);
      }
    });
  });

  test('takes functionalSam, alone, in slices and over several batches, for two gradients a step', () => {
    tf.tidy(() => {
      const alone = descend(parts, chain(functionalSam(0.3), sgd(0.1)));
      expect(alone.report.gradients).toBe(2);
      const slices = descend(parts, skipNonFinite(chain(microBatch(2), functionalSam(0.3), sgd(0.1))));
      const [first, second] = [batch(), batch()].map(({ x, y }, i) => ({
        x: tf.slice(x, [2 * i, 0], [2, 2]),
        y: tf.slice(y, [2 * i, 0], [2, 2]),
      }));
      const several = together([first as Batch, second as Batch]);
      const accumulated = descend(parts, chain(accumulate(), functionalSam(0.3), sgd(0.1)), several);
      const expected = numbers(alone.position.params).flat();
      for (const { position, report } of [slices, accumulated]) {
        expect(report.gradients).toBe(2);
        for (const [i, x] of numbers(position.params).flat().entries())
          expect(x).toBeCloseTo(expected[i] ?? Number.NaN, 5);
      }
      const plain = numbers(descend(parts, sam(sgd(0.1), 0.3)).position.params).flat();
      expect(Math.abs((plain[0] ?? 0) - (expected[0] ?? 0))).toBeGreaterThan(1e-4);
    });
  });

  test('may leave out metrics', () => {
    tf.tidy(() => {
      const bare = {
        ...parts,
        loss: (outputs: tf.Tensor, { y }: Batch) => tf.losses.meanSquaredError(y, outputs) as tf.Scalar,
      };
      const step = trainStep(bare, chain(functionalSam(0.1), sgd(0.1)));
      const { report } = step.update(step.start(params(), { mean: tf.scalar(0) }, key(0)), batch());
      expect(report.metrics).toEqual({});
    });
  });

  test('is refused where it is none, and where a link needs it and it is whole', () => {
    tf.tidy(() => {
      const optimizer = chain(functionalSam(0.1), sgd(0.1));
      expect(() => trainStep({ ...parts, loss: 3 as never }, optimizer)).toThrow('loss must be a function, got 3.');
      expect(() => trainStep({ ...parts, outputs: 'x' as never }, optimizer)).toThrow(
        'outputs must be a function, got "x".',
      );
      const run = (loss: typeof parts | typeof whole) => () => descend(loss, optimizer);
      expect(run({ ...parts, outputs: ({ w }) => w as never })).toThrow(
        'outputs must return [outputs, state], got a tensor.',
      );
      expect(run(whole)).toThrow(
        'functionalSam needs a loss of outputs: give valueAndGrad of @steppe/autograd, or trainStep',
      );
      expect(() => descend(parts, optimizer, together([batch(), batch()]))).toThrow('have reached the loss');
    });
  });
});
