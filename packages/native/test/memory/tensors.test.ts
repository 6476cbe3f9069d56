import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fallbackKernels, isAvailable, nativeInfo, registerNative } from '../../src/index.ts';

beforeAll(async () => {
  await registerNative();
  await registerNative();
  await tf.setBackend('native');
});
afterAll(() => tf.setBackend('cpu'));

describe('tensors on the native backend', () => {
  test('are counted, byte by byte, and leave nothing behind', () => {
    const before = tf.memory();
    const x = tf.ones([100, 7]);
    expect(tf.memory().numBytes - before.numBytes).toBe(2800);
    for (let i = 0; i < 1000; i++) tf.tidy(() => tf.sum(tf.mul(x, tf.relu(x))).dataSync());
    x.dispose();
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes, unreliable: false });
  });

  test('do not change values that were read before', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const values = x.dataSync();
    x.dispose();
    tf.tensor1d([7, 8, 9]);
    expect([...values]).toEqual([1, 2, 3]);
  });

  test('do not follow the array that they were made from', () => {
    const source = new Float32Array([1, 2]);
    const x = tf.tensor1d(source);
    source[0] = 9;
    expect(x.arraySync()).toEqual([1, 2]);
  });

  test('move between backends and back', async () => {
    const x = tf.tensor1d([1, 2]);
    const y = tf.square(x);
    await tf.setBackend('cpu');
    const z = tf.add(y, tf.scalar(1));
    await tf.setBackend('native');
    expect(tf.add(tf.add(z, y), x).arraySync()).toEqual([4, 11]);
  });

  test('run kernels that C lacks in JavaScript, and say so', () => {
    const squared = tf.diag(tf.tensor1d([3, 1]));
    expect(squared.arraySync()).toEqual([
      [3, 0],
      [0, 1],
    ]);
    expect(fallbackKernels()).toMatchObject({ Diag: 1 });
  });

  test('keep complex numbers and strings whole', () => {
    const z = tf.complex([1, 2], [3, 4]);
    expect([...tf.add(z, z).dataSync()]).toEqual([2, 6, 4, 8]);
    expect(tf.reshape(tf.tensor1d(['a', 'b']), [2, 1]).arraySync()).toEqual([['a'], ['b']]);
  });

  test('tell what they run on', async () => {
    expect(await isAvailable()).toBe(true);
    expect((await nativeInfo()).threads).toBeGreaterThanOrEqual(1);
  });
});
