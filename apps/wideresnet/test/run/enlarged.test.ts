import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { resizedImages } from '../../src/run/enlarged.ts';
import { makeNetwork } from '../../src/run/network.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each([
  [4, 7],
  [5, 10],
  [6, 6],
  [1, 3],
])('images of %i pixels become those of %i as TensorFlow enlarges them', (from, to) => {
  tf.tidy(() => {
    const numbers = Array.from({ length: 2 * from * (from + 1) * 3 }, (_, i) => Math.sin(i * i));
    const images = tf.tensor4d(numbers, [2, from, from + 1, 3]);
    const expected = tf.image.resizeBilinear(images, [to, to], false, true);
    const got = resizedImages(images, to);
    expect(got.shape).toEqual([2, to, to, 3]);
    expect(tf.max(tf.abs(tf.sub(got, expected))).arraySync()).toBeLessThan(1e-6);
  });
});

test('a network for larger images takes those in memory, and leaves nothing behind', () => {
  const own = { network: 'vit-tiny', patch: 8, dropout: 0, 'drop-path': 0 } as const;
  const network = makeNetwork({ ...own, dataset: 'cifar10', 'image-size': 16 }, { classes: ['a', 'b'] });
  const { params, state } = network.init(key(0), [4, 4, 3]);
  const images = tf.ones<tf.Rank.R4>([3, 4, 4, 3]);
  const before = tf.memory().numTensors;
  const [logits] = network.apply(params, state, images, { training: false });
  expect(logits.shape).toEqual([3, 2]);
  expect(tf.memory().numTensors).toBe(before + 1);
  // One for the class, and four patches.
  expect((params as { positions: tf.Tensor }).positions.shape[1]).toBe(5);
});
