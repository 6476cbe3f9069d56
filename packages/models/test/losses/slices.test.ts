import { fc, test as property } from '@fast-check/vitest';
import { valueAndGrad } from '@steppe/autograd';
import { chain, microBatch, samTransform } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs';
import { describe, expect } from 'vitest';
import {
  entryWeight,
  labelWeight,
  meanSquaredError,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from '../../src/index.ts';

type Batch = { readonly x: tf.Tensor; readonly labels: tf.Tensor; readonly weights: tf.Tensor };

const classes = { ignore: -1, classWeights: [1, 2, 0], smoothing: 0.1 };

/** Every loss with what it counts: three logits of each of two tokens, from four numbers by one kernel. */
const losses = {
  softmaxCrossEntropy: {
    loss: (w: tf.Tensor, { x, labels, weights }: Batch) =>
      softmaxCrossEntropy(tf.reshape(tf.matMul(x, w), [-1, 2, 3]), labels, { ...classes, weights }),
    weight: ({ labels, weights }: Batch) => labelWeight(labels, { ...classes, weights }),
  },
  sigmoidCrossEntropy: {
    loss: (w: tf.Tensor, { x, labels, weights }: Batch) =>
      sigmoidCrossEntropy(tf.slice(tf.matMul(x, w), [0, 0], [-1, 2]), tf.minimum(labels, 1), { ignore: -1, weights }),
    weight: ({ labels, weights }: Batch) => entryWeight(tf.minimum(labels, 1), { ignore: -1, weights }),
  },
  meanSquaredError: {
    loss: (w: tf.Tensor, { x, labels, weights }: Batch) =>
      meanSquaredError(tf.slice(tf.matMul(x, w), [0, 0], [-1, 2]), labels, { weights }),
    weight: ({ labels, weights }: Batch) => entryWeight(labels, { weights }),
  },
};

const example = fc.record({
  x: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 4, maxLength: 4 }),
  labels: fc.tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 })),
  weight: fc.constantFrom(0, 0.5, 3),
});

describe('slices that weigh what their labels count', () => {
  property.prop(
    {
      examples: fc.array(example, { minLength: 1, maxLength: 6 }),
      m: fc.integer({ min: 1, max: 4 }),
      name: fc.constantFrom(...(Object.keys(losses) as (keyof typeof losses)[])),
    },
    { numRuns: 20 },
  )(
    'are the whole batch: the value on either side of SAM, the gradient of SAM behind them',
    ({ examples, m, name }) => {
      const { loss, weight } = losses[name];
      const w = tf.tensor2d(
        Array.from({ length: 24 }, (_, i) => Math.sin(i) / 2),
        [4, 6],
      );
      const batch: Batch = {
        x: tf.tensor2d(
          examples.map(({ x }) => x),
          [examples.length, 4],
        ),
        labels: tf.tensor2d(
          examples.map(({ labels }) => [...labels]),
          [examples.length, 2],
          'int32',
        ),
        weights: tf.tensor1d(examples.map((e) => e.weight)),
      };
      const gradient = valueAndGrad(loss);
      const sam = samTransform(0.1);
      const [whole] = sam.update(gradient, sam.init(w), w, batch);
      const slices = microBatch<Batch>(m, { weight });
      const before = chain(slices, sam);
      const behind = chain(sam, slices);
      const [accumulated] = before.update(gradient, before.init(w), w, batch);
      const [sharp] = behind.update(gradient, behind.init(w), w, batch);
      const expected = whole.value.arraySync();
      for (const value of [accumulated.value.arraySync(), sharp.value.arraySync()])
        expect(Math.abs(value - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
      const [actual, right] = [accumulated.grads.dataSync(), whole.grads.dataSync()];
      for (const [i, g] of right.entries()) expect(Math.abs(actual[i]! - g)).toBeLessThan(1e-4 * (1 + Math.abs(g)));
    },
  );
});
