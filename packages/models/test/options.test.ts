import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  batchNorm,
  initBatchNorm,
  meanSquaredError,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  wideResNet,
} from '../src/index.ts';

const options = { depth: 10, width: 1, classes: 2 };

/** What somebody writes in JavaScript, whom no compiler warns. */
const calls: readonly (readonly [message: string, call: (wrong: object) => unknown, wrong: object])[] = [
  [
    'wideResNet has no option "widht": did you mean "width"?',
    (wrong) => wideResNet({ ...options, ...wrong }),
    { widht: 2 },
  ],
  [
    'apply has no option "train": it takes training, key, statistics.',
    (wrong) => {
      const model = wideResNet(options);
      const { params, state } = model.init(key(0), [4, 4, 1]);
      return model.apply(params, state, tf.ones([1, 4, 4, 1]), { training: true, ...wrong });
    },
    { train: true },
  ],
  [
    'training must be true or false, got "yes".',
    (wrong) => {
      const model = wideResNet(options);
      const { params, state } = model.init(key(0), [4, 4, 1]);
      return model.apply(params, state, tf.ones([1, 4, 4, 1]), { training: true, ...wrong });
    },
    { training: 'yes' },
  ],
  [
    'batchNorm has no option "eps": it takes training, momentum, epsilon, relu.',
    (wrong) => {
      const { params, state } = initBatchNorm(1);
      return batchNorm(params, state, tf.ones([2, 1]), { training: true, ...wrong });
    },
    { eps: 1e-3 },
  ],
  [
    'softmaxCrossEntropy has no option "smooting": did you mean "smoothing"?',
    (wrong) => softmaxCrossEntropy(tf.zeros([1, 2]), tf.tensor1d([0], 'int32'), wrong),
    { smooting: 0.1 },
  ],
  [
    'labels must be a tensor, got a list of 1.',
    (wrong) => softmaxCrossEntropy(tf.zeros([1, 2]), wrong as tf.Tensor),
    [0],
  ],
  [
    'weights must be a tensor, got a list of 1.',
    (wrong) => softmaxCrossEntropy(tf.zeros([1, 2]), tf.tensor1d([0], 'int32'), wrong),
    { weights: [1] },
  ],
  ['targets must be a tensor, got a list of 1.', (wrong) => meanSquaredError(tf.zeros([1]), wrong as tf.Tensor), [0]],
  [
    'sigmoidCrossEntropy has no option "smoothing": it takes ignore, weights, classWeights, positiveWeights.',
    (wrong) => sigmoidCrossEntropy(tf.zeros([1]), tf.zeros([1]), wrong),
    { smoothing: 0.1 },
  ],
  [
    'spread must be "all" or "others", got "other".',
    (wrong) => softmaxCrossEntropy(tf.zeros([1, 2]), tf.tensor1d([0], 'int32'), { smoothing: 0.1, ...wrong }),
    { spread: 'other' },
  ],
];

test.each(calls)('%s', (message, call, wrong) => {
  expect(() => call(wrong)).toThrow(message);
});
