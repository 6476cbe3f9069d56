import '@tensorflow/tfjs';
import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { registerNative, trainingBatchNorm } from '../src/index.ts';
import { expectClose } from './support/backends.ts';

await registerNative();
await tf.setBackend('native');
afterAll(() => tf.setBackend('cpu'));

type Norm = (x: tf.Tensor2D, scale: tf.Tensor1D, offset: tf.Tensor1D) => tf.Tensor;

const composed: Norm = (x, scale, offset) => {
  const centered = tf.sub(x, tf.mean(x, 0));
  const variance = tf.mean(tf.square(centered), 0);
  return tf.relu(tf.add(tf.mul(tf.mul(centered, tf.rsqrt(tf.add(variance, 1e-3))), scale), offset));
};
const fused: Norm = (x, scale, offset) => trainingBatchNorm(x, scale, offset, { epsilon: 1e-3, relu: true }).y;

describe('trainingBatchNorm', () => {
  test.prop([fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 3, 16, 31, 64, 4096), fc.nat(1000)], { numRuns: 20 })(
    'and its gradient are those of the composition',
    (rows, channels, seed) => {
      tf.tidy(() => {
        const x = tf.add(tf.randomNormal<tf.Rank.R2>([rows, channels], 0, 1, 'float32', seed), 5) as tf.Tensor2D;
        const scale = tf.randomUniform<tf.Rank.R1>([channels], 0.5, 2, 'float32', seed + 1);
        const offset = tf.randomNormal<tf.Rank.R1>([channels], 0, 1, 'float32', seed + 2);
        const weights = tf.randomNormal([rows, channels], 0, 1, 'float32', seed + 3);
        const gradients = (norm: Norm): tf.Tensor[] =>
          tf.grads((...args) =>
            tf.sum(tf.mul(norm(args[0] as tf.Tensor2D, args[1] as tf.Tensor1D, args[2] as tf.Tensor1D), weights)),
          )([x, scale, offset]);
        expectClose(fused(x, scale, offset).dataSync(), composed(x, scale, offset).dataSync(), 1e-4, 'y');
        const expected = gradients(composed);
        gradients(fused).forEach((gradient, i) => {
          expectClose(gradient.dataSync(), expected[i]?.dataSync() ?? [], 1e-3, `gradient ${i}`);
        });
      });
    },
  );

  it('returns the biased statistics of the batch, also far from zero', () => {
    tf.tidy(() => {
      const { mean, variance } = trainingBatchNorm(tf.tensor2d([[10_001], [10_003]]), tf.ones([1]), tf.zeros([1]));
      expect([...mean.dataSync(), ...variance.dataSync()]).toEqual([10_002, 1]);
    });
  });

  it('refuses shapes that do not fit', () => {
    expect(() => trainingBatchNorm(tf.ones([2, 3]), tf.ones([2]), tf.zeros([3]))).toThrow(
      /as many channels as scale and offset/,
    );
  });
});
