import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { install } from '../src/install.ts';
import type { Library } from '../src/library.ts';
import { load } from '../src/load.ts';

const { library } = await load();
/** The kernels with a softmax that returns a status instead of computing. */
const returning = (status: number): Library => ({ ...library, steppe_softmax: () => status });
install('native-refuses', returning(2));
install('native-full', returning(1));

describe('a kernel whose C function refuses', () => {
  test('is named, with what it was given, and leaves no tensor', async () => {
    await tf.setBackend('native-refuses');
    const x = tf.ones([2, 3]);
    const before = [tf.memory().numTensors, tf.backend().numDataIds()];
    expect(() => tf.softmax(x)).toThrow(
      'Softmax cannot be computed from logits float32[2,3]: shapes, types and attributes must fit together',
    );
    expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before);
  });

  test('for want of memory says what to do', async () => {
    await tf.setBackend('native-full');
    expect(() => tf.softmax(tf.ones([2, 3]))).toThrow(
      'Softmax ran out of memory: dispose tensors (tf.tidy), or use a smaller batch.',
    );
  });

  test('has no scratch memory to ask for', () => {
    expect(library.steppe_matmul_scratch(1, -1, 2, 2, 0, 0, 0, 0)).toBeLessThan(0);
    expect(library.steppe_matmul_scratch(1, 2 ** 20, 2 ** 20, 1, 0, 0, 0, 0)).toBeLessThan(0);
    expect(library.steppe_matmul_scratch(1, 2, 2, 2, 0, 1, 0, 0)).toBeGreaterThanOrEqual(0);
  });
});
