import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useBackend } from '../../src/index.ts';

const numbers = (make: () => tf.Tensor): readonly number[] => [...tf.tidy(make).dataSync()];
const range = (length: number): number[] => [...Array(length).keys()];

describe('what users ran into on WASM', () => {
  // Neighbours in the heap: what writes beyond its tensors shows in them.
  let guards: readonly tf.Tensor[];
  beforeAll(async () => {
    await useBackend('wasm');
    guards = range(200).map((i) => tf.fill([1 + (i % 40)], 7));
  });
  afterEach(() => {
    for (const guard of guards) expect(new Set(guard.dataSync())).toEqual(new Set([7]));
  });

  test('convolutions come to an end where no window fits', () => {
    const shrink = (x: tf.Tensor3D): tf.Tensor3D => tf.conv1d(x, tf.ones([3, 1, 1]), 2, 'valid');
    const shape = tf.tidy(() => range(5).reduce((x) => shrink(x), tf.ones<tf.Rank.R3>([1, 32, 1])).shape);
    expect(shape).toEqual([1, 0, 1]);
    for (const [height, width] of [
      [1, 9],
      [9, 1],
      [1, 1],
    ] as const) {
      const x = tf.ones<tf.Rank.R4>([2, height, width, 1]);
      const empty = [
        tf.conv2d(x, tf.ones([3, 3, 1, 2]), 1, 'valid'),
        tf.depthwiseConv2d(x, tf.ones([3, 3, 1, 2]), 1, 'valid'),
        tf.maxPool(x, 3, 1, 'valid'),
        tf.avgPool(x, 3, 1, 'valid'),
      ];
      for (const { size } of empty) expect(size).toBe(0);
      tf.dispose([x, ...empty]);
    }
  });

  test('no repetition is an empty tensor', () => {
    for (const reps of [[0], [0, 3], [3, 0], [2, 0, 2]]) {
      const x = tf.ones(reps.map((_, i) => i + 2));
      const tiled = tf.tile(x, reps);
      expect(tiled.size).toBe(0);
      tf.dispose([x, tiled]);
    }
  });

  test('booleans are reversed and chosen byte by byte', () => {
    const flags = [1, 0, 0, 1, 1, 0, 1];
    expect(numbers(() => tf.reverse(tf.tensor1d(flags, 'bool')))).toEqual([...flags].reverse());
    const chosen = numbers(() => {
      const x = tf.tensor1d(flags, 'bool');
      return tf.where(x, x, tf.logicalNot(x));
    });
    expect(chosen).toEqual(Array(7).fill(1));
  });

  test('running sums take a negative axis', () => {
    expect(
      numbers(() =>
        tf.cumsum(
          tf.tensor2d([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          -1,
        ),
      ),
    ).toEqual([1, 3, 6, 4, 9, 15]);
  });

  test('a label picks its logit', () => {
    const picked = numbers(() =>
      tf.gather(tf.tensor2d(range(12), [3, 4]), tf.tensor2d([[3], [0], [2]], [3, 1], 'int32'), 1, 1),
    );
    expect(picked).toEqual([3, 4, 10]);
  });

  test('pools of three axes, and of negatives with their places', () => {
    const cube = range(27).map((i) => -1 - i);
    expect(numbers(() => tf.maxPool3d(tf.tensor5d(cube, [1, 3, 3, 3, 1]), 2, 1, 'valid'))).toEqual(
      [0, 1, 3, 4, 9, 10, 12, 13].map((i) => -1 - i),
    );
    const { result, indexes } = tf.maxPoolWithArgmax(tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]), 2, 1, 'valid');
    expect([...(result?.dataSync() ?? []), ...(indexes?.dataSync() ?? [])]).toEqual([-1, 3]);
    tf.dispose([result, indexes] as tf.Tensor[]);
    const padded = tf.maxPoolWithArgmax(tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]), 2, 1, 0);
    expect([...(padded.result?.dataSync() ?? []), ...(padded.indexes?.dataSync() ?? [])]).toEqual([-1, 3]);
    tf.dispose(padded);
  });

  test('convolutions of three axes have a gradient for the input', () => {
    const [dy, filter] = [tf.ones([1, 2, 2, 1, 1]), tf.ones([2, 1, 1, 1, 1])];
    const attributes = { pad: 'valid', strides: [1, 1, 1], inputShape: [1, 3, 2, 1, 1] };
    const dx = tf.engine().runKernel('Conv3DBackpropInputV2', { dy, filter }, attributes) as tf.Tensor;
    expect([...dx.dataSync()]).toEqual([1, 1, 2, 2, 1, 1]);
    tf.dispose([dy, filter, dx]);
  });

  test('numbers far from zero are normalized without cancelling', () => {
    const normal = (x: number, mean: number): readonly number[] =>
      numbers(() =>
        tf.batchNorm(
          tf.fill<tf.Rank.R4>([1, 1, 2, 1], x),
          tf.tensor1d([mean]),
          tf.tensor1d([1]),
          undefined,
          undefined,
          0,
        ),
      );
    expect(normal(1.7e7, 1.7e7)).toEqual([0, 0]);
    expect(normal(1.7e7 + 2, 1.7e7)).toEqual([2, 2]);
  });

  test('quotients, remainders and slopes are broadcast', () => {
    expect(numbers(() => tf.floorDiv(tf.tensor2d([[7], [-7]], [2, 1], 'int32'), tf.tensor1d([2, 3], 'int32')))).toEqual(
      [3, 2, -4, -3],
    );
    expect(numbers(() => tf.mod(tf.tensor2d([[7], [-7]]), tf.tensor1d([2, 3])))).toEqual([1, 1, 1, 2]);
    expect(
      numbers(() =>
        tf.prelu(
          tf.tensor2d([
            [-1, 1],
            [-2, 3],
          ]),
          tf.tensor([0.5, 2]),
        ),
      ),
    ).toEqual([-0.5, 1, -1, 3]);
    expect(numbers(() => tf.matMul(tf.ones([2, 1, 1, 2]), tf.ones([3, 2, 1])))).toEqual(Array(6).fill(2));
  });

  test('slices of nothing are empty', () => {
    expect(numbers(() => tf.stridedSlice(tf.tensor1d([1, 2, 3]), [2], [1], [1]))).toEqual([]);
    expect(numbers(() => tf.where(tf.ones<tf.Rank>([0, 1], 'bool'), tf.ones([0, 3]), tf.zeros([0, 3])))).toEqual([]);
  });

  test('numeric pads are for every side, of filters and strides that are not square too', () => {
    const x = tf.ones<tf.Rank.R4>([1, 5, 7, 1]);
    const shapes = [
      tf.conv2d(x, tf.ones([1, 3, 1, 1]), [1, 2], 1, 'NHWC', 1, 'floor'),
      tf.depthwiseConv2d(x, tf.ones([1, 3, 1, 1]), [1, 2], 1, 'NHWC', 1, 'floor'),
      tf.avgPool(x, [2, 3], [1, 2], 1, 'floor'),
    ].map((y) => {
      y.dispose();
      return y.shape;
    });
    expect(shapes).toEqual([
      [1, 7, 4, 1],
      [1, 7, 4, 1],
      [1, 6, 4, 1],
    ]);
    x.dispose();
  });

  test('relu keeps the NaN of two infinities', () => {
    expect(numbers(() => tf.relu(tf.sub(tf.fill([9], Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)))).toEqual(
      Array(9).fill(Number.NaN),
    );
    expect(numbers(() => tf.relu([-1, 2, -3, 4, -5, 6, Number.NEGATIVE_INFINITY]))).toEqual([0, 2, 0, 4, 0, 6, 0]);
  });

  test('relu6 and the greater of two keep NaN', () => {
    expect(numbers(() => tf.relu6(tf.tensor1d([Number.NaN, 7])))).toEqual([Number.NaN, 6]);
    expect(numbers(() => tf.maximum(tf.tensor1d([Number.NaN, 1]), 0))).toEqual([Number.NaN, 1]);
  });
});
