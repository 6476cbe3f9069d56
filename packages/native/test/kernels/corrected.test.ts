import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { nativeBackends } from '../support/backends.ts';

const natives = await nativeBackends();
const all = (x: tf.Tensor): readonly [number[], number[]] => [x.shape, [...x.dataSync()]];

/** Where tfjs's own CPU backend is wrong: these are right values, not its. */
describe.each(natives)('$name', ({ name }) => {
  const on = (title: string, run: () => void): void =>
    test(title, async () => {
      await tf.setBackend(name);
      tf.tidy(run);
    });

  on('repeats matrices of batches that broadcast partly, transposed too', () => {
    expect(all(tf.matMul(tf.ones([2, 1, 1, 2]), tf.ones([3, 2, 1])))).toEqual([
      [2, 3, 1, 1],
      [2, 2, 2, 2, 2, 2],
    ]);
    const [a, b] = [tf.tensor([1, 2, 3, 4], [2, 1, 2, 1]), tf.tensor([1, 10, 100, 1000], [1, 2, 1, 2])];
    expect(all(tf.matMul(a, b, true, true))).toEqual([
      [2, 2, 1, 1],
      [21, 2100, 43, 4300],
    ]);
    expect(tf.matMul(tf.zeros([0, 1, 2, 2]), tf.zeros([3, 2, 2])).shape).toEqual([0, 3, 2, 2]);
  });

  on('gives nothing where a window is larger than the image, and a gradient of zero', () => {
    const [x, w] = [tf.ones([1, 2, 3, 1]) as tf.Tensor4D, tf.ones([5, 5, 1, 1]) as tf.Tensor4D];
    const calls: readonly ((a: tf.Tensor4D, b: tf.Tensor4D) => tf.Tensor)[] = [
      (a, b) => tf.conv2d(a, b, 2, 'valid'),
      (a, b) => tf.depthwiseConv2d(a, b, 1, 'valid'),
      (a) => tf.maxPool(a, 5, 1, 'valid'),
      (a) => tf.avgPool(a, 5, 3, 'valid'),
      (a, b) => tf.fused.conv2d({ x: a, filter: b, strides: 1, pad: 0, bias: tf.ones([1]), activation: 'relu' }),
    ];
    for (const call of calls) {
      expect(call(x, w).shape).toEqual([1, 0, 0, 1]);
      const dx = tf.grad((a) => tf.sum(call(a as tf.Tensor4D, w)))(x);
      expect(all(dx)).toEqual([x.shape, [0, 0, 0, 0, 0, 0]]);
    }
    // Five convolutions of 32 places: a length of 32, 15, 7, 3, 1, and then of none, which has no sign.
    let y: tf.Tensor3D = tf.ones([1, 32, 1]);
    for (let i = 0; i < 5; i++) y = tf.conv1d(y, tf.ones([3, 1, 1]) as tf.Tensor3D, 2, 'valid');
    expect(y.shape).toEqual([1, 0, 1]);
  });

  on('lays windows by their own width where the padding is a number', () => {
    const [x, w] = [tf.ones([1, 3, 5, 1]) as tf.Tensor4D, tf.ones([1, 3, 1, 1]) as tf.Tensor4D];
    expect(tf.conv2d(x, w, [1, 2], 1).shape).toEqual([1, 5, 3, 1]);
    expect(tf.avgPool(x, [1, 3], [1, 2], 0).shape).toEqual([1, 3, 2, 1]);
    const dw = tf.grad((b) => tf.sum(tf.conv2d(x, b as tf.Tensor4D, [1, 2], 1)))(w);
    expect(all(dw)).toEqual([w.shape, [6, 9, 6]]);
  });

  on('normalizes with large means by taking them off first', () => {
    const one = tf.tensor1d([1]);
    const x = tf.fill([2, 1], 1.7e7);
    const y = tf.batchNorm(x, tf.tensor1d([1.7e7]), one, tf.tensor1d([3]), one, 0);
    expect(all(y)).toEqual([
      [2, 1],
      [3, 3],
    ]);
  });

  on('wraps int32 modulo 2³²', () => {
    const ints = (...values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
    const big = 2 ** 31 - 1;
    expect(all(tf.mul(ints(big), ints(big)))[1]).toEqual([1]);
    expect(all(tf.square(ints(big, 65537)))[1]).toEqual([1, 131073]);
    expect(all(tf.squaredDifference(ints(big), ints(-(2 ** 31))))[1]).toEqual([1]);
    expect(all(tf.pow(ints(3, 7, -1, 2), ints(40, 23, -3, -1)))[1]).toEqual([689956897, 821077879, -1, 0]);
    expect(all(tf.prod(ints(big, big, 5, big, big)))[1]).toEqual([5]);
    expect(all(tf.prod(tf.fill([5, 3], big, 'int32'), 0))[1]).toEqual([big, big, big]);
    expect(all(tf.cumprod(ints(big, big, 65537, -65537)))[1]).toEqual([big, 1, 65537, -131073]);
  });

  on('gives nothing for empty slices and choices', () => {
    expect(tf.stridedSlice(tf.ones([4, 3]), [3, 0], [1, 3], [1, 1]).shape).toEqual([0, 3]);
    expect(tf.stridedSlice(tf.ones([4, 3]), [1, 0], [3, 3], [-1, 2]).shape).toEqual([0, 2]);
    expect(tf.where(tf.zeros([0, 1], 'bool'), tf.ones([1, 3]), tf.ones([1, 1])).shape).toEqual([0, 3]);
    expect(tf.where(tf.tensor([1, 0], [2, 1], 'bool'), tf.ones([1, 0]), tf.ones([2, 1])).shape).toEqual([2, 0]);
    expect(tf.max(tf.zeros([2, 0]), 1).dataSync()).toEqual(Float32Array.of(-Infinity, -Infinity));
    expect(tf.mean(tf.zeros([0])).dataSync()).toEqual(Float32Array.of(Number.NaN));
  });

  on('upsamples a batch of two and takes the gradient of each', () => {
    const weights = tf.tensor4d([1, 1, 1, 1, 10, 10, 10, 10], [2, 2, 2, 1]);
    const up = (x: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [2, 2]), weights));
    expect(all(tf.grad(up)(tf.ones([2, 1, 1, 1])))[1]).toEqual([4, 40]);
    const corners = (x: tf.Tensor): tf.Scalar => tf.sum(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [3, 1], true));
    expect(all(tf.grad(corners)(tf.ones([1, 1, 4, 1])))[1]).toEqual([3, 0, 0, 0]);
  });

  on('keeps NaN where numbers are cut off or compared', () => {
    const x = tf.tensor1d([Number.NaN]);
    const one = tf.tensor1d([1]);
    const kept = [tf.relu6(x), tf.relu(x), tf.clipByValue(x, 0, 1), tf.maximum(x, one), tf.maximum(one, x)];
    for (const y of [...kept, tf.minimum(x, one), tf.minimum(one, x)]) expect(all(y)[1]).toEqual([Number.NaN]);
    expect(all(tf.divNoNan(tf.tensor1d([1, Number.NaN, 0, 4]), tf.tensor1d([0, 0, 0, 2])))[1]).toEqual([0, 0, 0, 2]);
  });
});
