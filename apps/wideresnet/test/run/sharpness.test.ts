import { valueAndGrad } from '@steppe/autograd';
import { batches, normalizations, type Split } from '@steppe/datasets';
import { key } from '@steppe/random';
import { readScalars } from '@steppe/train';
import { samTransform } from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import type { Data } from '../../src/run/data.ts';
import { type Network, trainingLoss } from '../../src/run/network.ts';
import { measureSharpness } from '../../src/run/sharpness.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const split: Split = {
  images: Uint8Array.from({ length: 150 * 4 }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.from({ length: 150 }, (_, i) => i % 3),
  shape: [2, 2, 1],
  normalization: normalizations.mnist,
};
const data: Data = {
  dataset: {
    name: 'mnist',
    source: 'this test',
    classes: ['a', 'b', 'c'],
    shape: split.shape,
    train: split,
    test: split,
  },
  sha256: '',
};

/** Logits that are linear in the pixels. */
const linear: Network = {
  init: () => ({ params: tf.ones([4, 3]), state: null }),
  apply: (params, state, images) => [tf.matMul<tf.Tensor2D>(tf.reshape(images, [-1, 4]), params as tf.Tensor2D), state],
};

/** Two layers, of which one may be frozen. */
const layered: Network = {
  init: () => ({ params: {}, state: null }),
  apply(params, state, images) {
    const { stem, dense } = params as { readonly stem: tf.Tensor2D; readonly dense: tf.Tensor2D };
    return [tf.matMul<tf.Tensor2D>(tf.tanh(tf.matMul(tf.reshape(images, [-1, 4]), stem)), dense), state];
  },
};

test('the sharpness of a run with frozen weights is that over the others', async () => {
  const stem = tf.tensor2d([0.3, -0.2, 0.1, 0.4, 0.2, -0.5, -0.1, 0.6], [4, 2]);
  const dense = tf.tensor2d([0.2, 0.7, -0.3, 0.1, 0.5, -0.4], [2, 3]);
  const headOnly: Network = {
    ...layered,
    apply: (params, state, images, options) => layered.apply({ stem, dense: params }, state, images, options),
  };
  const [options, radius] = [
    { batch: 64, m: 128, 'label-smoothing': 0 },
    { rho: 0.3, p: 2 },
  ];
  const measure = (network: Network, params: Tree, freeze?: string) =>
    measureSharpness(network, { params, state: null }, data, { ...options, ...(freeze && { freeze }) }, radius, key(1));
  const before = tf.memory().numTensors;
  const frozen = await measure(layered, { stem, dense }, 'stem');
  expect(tf.memory().numTensors).toBe(before);
  expect(frozen).toBeCloseTo(await measure(headOnly, dense), 6);
  expect(await measure(layered, { stem, dense })).toBeGreaterThan(frozen + 1e-4);
});

test('the sharpness of a run is what SAM reports on the same images, and nothing is left behind', async () => {
  const params = tf.tensor2d([0.3, -0.2, 0.1, 0.4, 0.2, -0.5, -0.1, 0.6, 0.2, 0.7, -0.3, 0.1], [4, 3]);
  const options = { batch: 64, m: 128, 'label-smoothing': 0.1 };
  const radius = { rho: 0.5, p: 3 };
  const before = tf.memory().numTensors;
  const measured = await measureSharpness(linear, { params, state: null }, data, options, radius, key(1));
  expect(tf.memory().numTensors).toBe(before);

  const { outputs, loss } = trainingLoss(linear, { 'label-smoothing': 0.1 });
  const gradient = valueAndGrad(
    (w: tf.Tensor2D, batch: { readonly images: tf.Tensor4D; readonly labels: tf.Tensor1D }) =>
      loss(outputs(w, null, batch, key(1))[0], batch)[0],
  );
  const sam = samTransform(radius.rho, radius.p);
  for await (const batch of batches(split, { batchSize: 128 })) {
    const [{ value, report }] = sam.update(gradient, sam.init(params), params, batch);
    const { clean = 0, perturbed = 0 } = await readScalars({
      clean: value,
      perturbed: report?.perturbedLoss as tf.Scalar,
    });
    expect(perturbed - clean).toBeGreaterThan(0.01);
    expect(measured).toBeCloseTo(perturbed - clean, 5);
    dispose(batch);
    break;
  }
});
