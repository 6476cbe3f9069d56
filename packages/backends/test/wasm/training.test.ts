import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, useBackend } from '../../src/index.ts';

/** A smooth network with everything that a WideResNet has: strides, shortcuts, batch statistics, pooling, a dense
 * layer. */
function network(params: readonly tf.Tensor[], images: tf.Tensor4D): tf.Scalar {
  const [stem, down, conv, shortcut, dense] = params as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor2D,
  ];
  const norm = (x: tf.Tensor4D): tf.Tensor4D => {
    const centered = tf.sub(x, tf.mean(x, [0, 1, 2]));
    return tf.mul(centered, tf.rsqrt(tf.add(tf.mean(tf.square(centered), [0, 1, 2]), 1e-5)));
  };
  const x = tf.softplus(norm(tf.conv2d(images, stem, 1, 'same')));
  const inner = tf.softplus(norm(tf.conv2d(x, down, 2, 1)));
  const sum = tf.add(tf.conv2d(inner, conv, 1, 'same'), tf.conv2d(x, shortcut, 2, 0));
  const logits = tf.matMul(
    tf.mean<tf.Tensor2D>(tf.maxPool(tf.softplus(sum) as tf.Tensor4D, 2, 1, 'valid'), [1, 2]),
    dense,
  );
  return tf.mean(tf.square(logits));
}

const wave = (shape: number[], phase: number): tf.Tensor => {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin(1 + 1.7 * i + phase)),
    shape,
  );
};

const shapes = [
  [3, 3, 1, 5],
  [3, 3, 5, 8],
  [3, 3, 8, 8],
  [1, 1, 5, 8],
  [8, 3],
];

async function lossAndGradients(backend: BackendName): Promise<readonly number[][]> {
  await useBackend(backend);
  const result = tf.tidy(() => {
    const params = shapes.map((shape, i) => wave(shape, i));
    const images = wave([3, 8, 8, 1], 9) as tf.Tensor4D;
    const { value, grads } = tf.engine().gradients(() => network(params, images), params);
    return [value, ...grads].map((t) => [...t.dataSync()]);
  });
  return result;
}

describe('training on WASM', () => {
  let initial = 0;
  beforeAll(async () => {
    await useBackend('wasm');
    initial = tf.memory().numTensors;
  });

  it('gives the loss and the gradients that the CPU gives', async () => {
    const [actual, expected] = [await lossAndGradients('wasm'), await lossAndGradients('cpu')];
    for (const [i, values] of expected.entries()) {
      const size = Math.max(...values.map(Math.abs));
      const error = Math.max(...values.map((v, k) => Math.abs(v - (actual[i]?.[k] ?? Number.NaN))));
      expect(error / size).toBeLessThan(2e-5);
    }
  });

  it('leaks no tensor and no memory of the heap', async () => {
    await useBackend('wasm');
    const params = shapes.map((shape, i) => wave(shape, i));
    const images = wave([8, 12, 12, 1], 9) as tf.Tensor4D;
    const step = (): void => {
      const { value, grads } = tf.tidy(() => tf.engine().gradients(() => network(params, images), params));
      tf.dispose([value, ...grads]);
    };
    const { wasm } = tf.backend() as tf.KernelBackend & { wasm: { HEAPU8: Uint8Array } };
    for (let i = 0; i < 3; i++) step();
    const before = { ...tf.memory(), heap: wasm.HEAPU8.length };
    for (let i = 0; i < 60; i++) step();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(wasm.HEAPU8.length).toBe(before.heap);
    tf.dispose([...params, images]);
    expect(tf.memory().numTensors).toBe(initial);
  });
});
