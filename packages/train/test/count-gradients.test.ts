import { key } from '@steppe/random';
import {
  accumulate,
  chain,
  entropySgd,
  esam,
  type GradientTransformation,
  gradientsOver,
  interval,
  lookSam,
  microBatch,
  type StepBatch,
  samTransform,
  scale,
  sgd,
  stateless,
  together,
  transformation,
  xsam,
} from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { trainStep } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Batch = { readonly classWeights: tf.Tensor; readonly x: tf.Tensor; readonly step?: tf.Scalar };

const batchOf = (n: number): Batch => ({
  classWeights: tf.ones([3]),
  x: tf.linspace(-1, 2, n),
  step: tf.scalar(1),
});

const loss = (w: tf.Tensor, state: null, { x, classWeights }: Batch) =>
  [
    tf.mean<tf.Scalar>(tf.mul(tf.square(tf.sub(tf.mul(w, x), 1)), tf.mean(classWeights))),
    { state, metrics: {} },
  ] as const;

/** What each of some steps says that it has evaluated. */
function counts(
  optimizer: GradientTransformation<Tree, StepBatch<Batch, null>>,
  steps: number,
  batch: Batch,
): readonly number[] {
  const step = trainStep(loss, optimizer);
  const before = tf.memory().numTensors;
  let position = step.start(tf.scalar(0.5), null, key(0));
  const seen: number[] = [];
  for (let i = 0; i < steps; i++) {
    const after = step.update(position, batch);
    seen.push(after.report.gradients);
    dispose(position, after.report);
    position = after.position;
  }
  dispose(position, batch);
  expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
  return seen;
}

const shared = (path: string) => path.includes('classWeights');
const exampleLoss = (w: tf.Tensor, { batch: { x } }: StepBatch<Batch, null>) =>
  tf.square(tf.sub(tf.mul(w, x), 1)) as tf.Tensor1D;

describe('a step says how many gradients of its batch it has evaluated', () => {
  test.each<readonly [string, GradientTransformation<Tree, StepBatch<Batch, null>>, readonly number[]]>([
    ['one of gradient descent', sgd(0.1), [1, 1, 1, 1]],
    ['two of SAM', chain(samTransform(0.1), sgd(0.1)), [2, 2, 2, 2]],
    ['two more for a Hessian product', chain(samTransform(0.1, 2, { order: 2 }), sgd(0.1)), [4, 4, 4, 4]],
    ['those of the step that it is', chain(interval(3, samTransform(0.1)), sgd(0.1)), [1, 1, 2, 1]],
    ['with a phase', chain(lookSam(2, 0.1), sgd(0.1)), [2, 1, 2, 1]],
    ['with probes', chain(xsam(0.1, { alphas: [1, 2], probeEvery: 3 }), sgd(0.1)), [4, 2, 2, 4]],
    [
      'a share for a share of the examples',
      chain(esam(0.1, { exampleLoss, gamma: 0.5, shared }), sgd(0.1)),
      [1.5, 1.5, 1.5, 1.5],
    ],
    ['each of a walk', chain(entropySgd({ steps: 5 }), scale(-0.1)), [5, 5, 5, 5]],
  ])('%s', (_, optimizer, expected) => {
    expect(counts(optimizer, 4, batchOf(6))).toEqual(expected);
  });

  test('of slices that add up to the batch, whatever their number, as the links say', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 4 }), (n, m, k) => {
        const slices = microBatch<StepBatch<Batch, null>>(m, { shared });
        for (const optimizer of [
          chain(interval(k, samTransform(0.1)), slices, sgd(0.1)),
          chain(slices, interval(k, samTransform(0.1)), sgd(0.1)),
        ]) {
          const seen = counts(optimizer, 4, batchOf(n));
          expect(seen).toEqual([0, 1, 2, 3].map((step) => optimizer.costAt?.(step)));
          expect(seen.reduce((a, b) => a + b)).toBe(gradientsOver(optimizer, 4));
        }
      }),
      { seed: 12, numRuns: 15 },
    );
  });

  test('of batches that are put together, alike or not, and of slices of them', () => {
    const sliced = microBatch<StepBatch<Batch, null>>(2, { shared });
    for (const sizes of [[4, 4, 4], [5, 2, 1], [7]])
      for (const [optimizer, expected] of [
        [chain(accumulate({ shared }), sgd(0.1)), 1],
        [chain(accumulate({ shared }), samTransform(0.1), sgd(0.1)), 2],
        [chain(samTransform(0.1), accumulate({ shared }), sgd(0.1)), 2],
        [chain(samTransform(0.1), sliced, accumulate({ shared }), sgd(0.1)), 2],
      ] as const)
        expect(counts(optimizer, 1, together(sizes.map(batchOf)))).toEqual([expected]);
  });

  test('of a batch of nothing, or of numbers alone', () => {
    const bare = (w: tf.Tensor, state: null) => [tf.square(w) as tf.Scalar, { state, metrics: {} }] as const;
    const step = trainStep(bare, chain(samTransform(0.1), sgd(0.1)));
    const start = step.start(tf.scalar(1), null, key(0));
    for (const batch of [null, tf.scalar(3), tf.zeros([0])]) {
      const { position, report } = step.update(start, batch);
      expect(report.gradients).toBe(2);
      dispose(position, report, batch);
    }
    dispose(start);
  });

  test('and none that it has not: not a link that knows the gradient already, not a batch of another make', () => {
    const never = transformation({
      gradientCost: 0,
      init: () => null,
      update: (_, state, params) => [
        { value: tf.scalar(0), grads: params, aux: { state: null, metrics: {} } as never },
        state,
      ],
    });
    expect(counts(chain(never, scale(-1)), 2, batchOf(3))).toEqual([0, 0]);
    const elsewhere: GradientTransformation<null, StepBatch<Batch, null>> = transformation({
      gradientCost: 1,
      init: () => null,
      update: (gradient, state, params, batch) => [
        gradient(params, { ...batch, batch: { x: tf.ones([9]), classWeights: tf.ones([9]) } }),
        state,
      ],
    });
    expect(
      counts(
        chain(
          elsewhere,
          stateless((g) => g),
          sgd(0.1),
        ),
        2,
        batchOf(3),
      ),
    ).toEqual([1, 1]);
  });
});
