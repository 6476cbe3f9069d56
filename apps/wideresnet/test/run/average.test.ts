import { normalizations, type Split } from '@steppe/datasets';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { averageWeights, chain, sgd } from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { presetOptions } from '../../src/options/presets/presets.ts';
import { weightsToEvaluate } from '../../src/run/average.ts';
import { type Network, trainingLoss } from '../../src/run/network.ts';
import { makePlan } from '../../src/run/plan.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const split: Split = {
  images: Uint8Array.from({ length: 60 * 4 }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.from({ length: 60 }, (_, i) => i % 3),
  shape: [2, 2, 1],
  normalization: normalizations.mnist,
};
const data = {
  dataset: {
    name: 'mnist',
    source: 'this test',
    classes: ['a', 'b', 'c'],
    shape: split.shape,
    train: split,
    test: split,
  },
  sha256: '',
} as const;

/** Logits that are linear in the pixels; the state counts the batches of training. */
const counting: Network = {
  init: () => ({ params: tf.ones([4, 3]), state: tf.scalar(0) }),
  apply: (params, state, images, { training }) => [
    tf.matMul<tf.Tensor2D>(tf.reshape(images, [-1, 4]), params as tf.Tensor2D),
    training ? tf.add(state as tf.Scalar, 1) : state,
  ],
};
const options = { ...presetOptions('fashion-mini'), batch: 20, accumulate: 2 };
const plan = makePlan(options, data);

test('the weights that are evaluated are the average at the end of the chain, its statistics anew', async () => {
  const { params, state } = counting.init(key(0), split.shape);
  const step = trainStep(trainingLoss(counting, { 'label-smoothing': 0 }), chain(sgd(0.1), averageWeights()));
  const position = step.start(params, state, key(0));
  const batch = { images: tf.ones<tf.Rank.R4>([2, 2, 2, 1]), labels: tf.tensor1d([0, 1], 'int32') };
  const { position: next } = step.update(step.update(position, batch).position, batch);
  const before = tf.memory().numTensors;
  const weights = await weightsToEvaluate(next, plan, data, counting, 1);
  const [, { average }] = next.optimizer as readonly [Tree, { readonly average: tf.Tensor }];
  expect((weights.params as tf.Tensor).dataSync()).toEqual(average.dataSync());
  expect(average.dataSync()).not.toEqual((next.params as tf.Tensor).dataSync());
  // 60 images, 10 at a time as in a step, on top of the two steps.
  expect((weights.state as tf.Scalar).dataSync()[0]).toBe(2 + 6);
  dispose(weights);
  expect(tf.memory().numTensors).toBe(before);
});

test('without an average they are those of the position, a copy', async () => {
  const { params, state } = counting.init(key(0), split.shape);
  const position = trainStep(trainingLoss(counting, { 'label-smoothing': 0 }), chain(sgd(0.1))).start(
    params,
    state,
    key(0),
  );
  const weights = await weightsToEvaluate(position, plan, data, counting, 1);
  dispose(position);
  expect((weights.params as tf.Tensor).dataSync()).toEqual((params as tf.Tensor).dataSync());
});

test('without an average they are those of the position, with statistics anew where the options say so', async () => {
  const { params, state } = counting.init(key(0), split.shape);
  const anew = makePlan({ ...options, 'reestimate-statistics': true }, data);
  const position = { params, state, optimizer: [] };
  const [own, estimated] = [
    await weightsToEvaluate(position, plan, data, counting, 1),
    await weightsToEvaluate(position, anew, data, counting, 1),
  ];
  expect((own.state as tf.Scalar).dataSync()[0]).toBe(0);
  expect((estimated.state as tf.Scalar).dataSync()[0]).toBe(6);
  expect((estimated.params as tf.Tensor).dataSync()).toEqual((params as tf.Tensor).dataSync());
  dispose(params, state, own, estimated);
});
