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

  test('in JavaScript is named too, with what it was given', async () => {
    await tf.setBackend('native-refuses');
    const before = tf.memory().numTensors;
    const image = tf.ones<tf.Rank.R4>([1, 3, 4, 2]);
    expect(() => tf.image.resizeBilinear(image, [-2, 2])).toThrow(
      'ResizeBilinear cannot be computed from images float32[1,3,4,2], alignCorners false, halfPixelCenters false, size [-2,2]. (',
    );
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test('says what does not fit, where a message of JavaScript would not', async () => {
    await tf.setBackend('native-refuses');
    const x = tf.ones([1, 1, 1, 6]);
    expect(() => tf.engine().runKernel('DepthToSpace', { x }, { blockSize: 2, dataFormat: 'NHWC' })).toThrow(
      'DepthToSpace: the channels must be a multiple of 4, got 6.',
    );
    expect(() => tf.cumsum(tf.scalar(3))).toThrow(
      'Cumsum: axis must be an axis of the tensor, of which a scalar has none, got 0.',
    );
    expect(() => tf.range(0, 5, 0.5, 'int32')).toThrow('Range: step must be a whole number for int32, got 0.5.');
  });

  test('has no scratch memory to ask for', () => {
    expect(library.steppe_matmul_scratch(1, -1, 2, 2, 0, 0, 0, 0, 0)).toBeLessThan(0);
    expect(library.steppe_matmul_scratch(1, 2 ** 20, 2 ** 20, 1, 0, 0, 0, 0, 0)).toBeLessThan(0);
    expect(library.steppe_matmul_scratch(1, 2, 2, 2, 0, 1, 0, 0, 3)).toBeLessThan(0);
    expect(library.steppe_matmul_scratch(1, 2, 2, 2, 0, 1, 0, 0, 0)).toBeGreaterThanOrEqual(0);
  });
});
