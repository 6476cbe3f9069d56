import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  batchNorm,
  cifarResNet,
  initBatchNorm,
  meanSquaredError,
  pyramidNet,
  resNet,
  resNetNames,
  shakeShake,
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
  [
    'resNet has no option "stems": did you mean "stem"?',
    (wrong) => resNet({ depth: 18, classes: 2, ...wrong }),
    { stems: 'small' },
  ],
  [
    'depth must be 10 or 14 or 18 or 26 or 34 or 50 or 101 or 152, got 20.',
    (wrong) => resNet({ depth: 18, classes: 2, ...wrong }),
    { depth: 20 },
  ],
  [
    'depth must be 10 or 14 or 18 or 26 or 34 or 50 or 101 or 152, got "18".',
    (wrong) => resNetNames({ depth: 18, ...wrong }),
    { depth: '18' },
  ],
  [
    'stem must be "auto" or "imagenet" or "small", got "cifar".',
    (wrong) => resNet({ depth: 18, classes: 2, ...wrong }),
    { stem: 'cifar' },
  ],
  [
    'depth must be 6n + 2 (8, 14, 20, 32, 44, 56, 110, ...), got 18.',
    (wrong) => cifarResNet({ depth: 20, classes: 2, ...wrong }),
    { depth: 18 },
  ],
  [
    'depth must be 6n + 2 (8, 14, 20, 26, ...), got 28.',
    (wrong) => shakeShake({ depth: 26, width: 32, classes: 2, ...wrong }),
    { depth: 28 },
  ],
  [
    'width must be a positive even number, got 3.',
    (wrong) => shakeShake({ depth: 26, width: 32, classes: 2, ...wrong }),
    { width: 3 },
  ],
  [
    'depth must be 9n + 2 (11, 20, ..., 164, 200, 272), got 57.',
    (wrong) => pyramidNet({ depth: 11, alpha: 48, classes: 2, bottleneck: true, ...wrong }),
    { depth: 57 },
  ],
  [
    'shakeDrop must be in [0, 1], got 1.5.',
    (wrong) => pyramidNet({ depth: 8, alpha: 48, classes: 2, ...wrong }),
    { shakeDrop: 1.5 },
  ],
  [
    'The state has nothing at ".stages[1][0]": pass the state that init or apply gave for these parameters.',
    (wrong) => {
      const model = cifarResNet({ depth: 8, classes: 2, width: 2 });
      const { params, state } = model.init(key(0), [4, 4, 1]);
      return model.apply(params, { ...state, ...wrong }, tf.ones([1, 4, 4, 1]), { training: false });
    },
    { stages: [[{ norm1: initBatchNorm(2).state, norm2: initBatchNorm(2).state }]] },
  ],
];

test.each(calls)('%s', (message, call, wrong) => {
  expect(() => call(wrong)).toThrow(message);
});
