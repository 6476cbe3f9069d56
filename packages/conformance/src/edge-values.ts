import { epsilonHat } from '@steppe/transforms';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, exactly, reals, valueCase, wholes } from './case.ts';

const large = Array.from({ length: 40 }, (_, k) => (k - 20) * 4999.7);
const sizes = [1e-38, -3e-30, 5e-8, -8e-8, 2e-8, 1, -1e5, 1e19];
const flags = (x: Tensor) => tf.cast(x, 'bool');

/** What operations give at the edges of shapes and numbers. */
export const edgeValues: readonly Case[] = [
  valueCase('Sin, Cos of large numbers', [exactly(large)], (x: Tensor) => [tf.sin(x), tf.cos(x)], 1e-5),
  valueCase('Relu6 of NaN', [exactly([Number.NaN, 7, -1])], (x: Tensor) => tf.relu6(x)),
  valueCase('Sign of small numbers', [exactly(sizes)], (x: Tensor) => tf.sign(x)),
  ...[1, 2, 3, Number.POSITIVE_INFINITY].map((p) =>
    valueCase(
      `the perturbation of small and large gradients, p = ${p}`,
      [exactly(sizes.slice(2))],
      (x: Tensor) => epsilonHat(x, 0.05, p),
      1e-5,
    ),
  ),
  valueCase(
    'FloorDiv, Mod, Prelu, broadcast',
    [reals([3, 1, 4]), reals([5, 1], 0.2, 1)],
    (a: Tensor, b: Tensor) => ({
      whole: tf.floorDiv(tf.cast(tf.mul(a, 20), 'int32'), tf.cast(tf.add(tf.mul(b, 9), 1), 'int32')),
      rest: tf.mod(a, b),
      leaky: tf.prelu(tf.reshape(a, [1, 3, 4]), tf.reshape(tf.slice(tf.reshape(b, [5]), 0, 3), [3, 1])),
    }),
    1e-6,
  ),
  valueCase('Prod, Pow of whole numbers that overflow', [], () => ({
    product: tf.prod(tf.tensor1d([65537, 65537, 3], 'int32')),
    power: tf.pow(tf.tensor1d([7, -3], 'int32'), tf.tensor1d([12, 21], 'int32')),
  })),
  valueCase('Tile no times, Sum of nothing', [reals([2, 3])], (x: Tensor2D) => ({
    tiled: tf.tile(x, [2, 0]),
    sum: tf.sum(tf.tile(x, [0, 1]), 0),
    all: tf.all(flags(tf.tile(x, [2, 0])), 1),
  })),
  valueCase('Select, Reverse of booleans', [wholes([4, 3], 2), wholes([4, 3], 2)], (a: Tensor, b: Tensor) => ({
    where: tf.where(flags(a), flags(b), flags(tf.sub(1, b))),
    reversed: tf.reverse(flags(a), -1),
  })),
  valueCase(
    'Cumsum, Cumprod from the back',
    [reals([3, 2, 4])],
    (x: Tensor3D) => ({
      last: tf.cumsum(x, -1, true),
      middle: tf.cumsum(x, -2, false, true),
      product: tf.cumprod(x, -1),
    }),
    1e-5,
  ),
  valueCase('StridedSlice to nothing', [reals([3, 4])], (x: Tensor2D) => tf.stridedSlice(x, [2, 0], [0, 4], [1, 2])),
  valueCase('Select of nothing', [reals([1, 3])], (x: Tensor2D) =>
    tf.where(tf.zeros([0, 3], 'bool'), x, tf.zeros([1, 3])),
  ),
  valueCase('GatherV2 along a batch', [reals([3, 4]), wholes([3, 2], 4)], (x: Tensor2D, i: Tensor2D) =>
    tf.gather(x, i, 1, 1),
  ),
  valueCase(
    'BatchMatMul, partly broadcast',
    [reals([2, 1, 3, 2]), reals([3, 2, 4])],
    (a: Tensor4D, b: Tensor3D) => tf.matMul(a, b),
    1e-5,
  ),
  valueCase(
    'Conv2D down to nothing',
    [reals([1, 32, 2]), reals([3, 2, 2])],
    (x: Tensor3D, w: Tensor3D) => {
      let y = x;
      for (let k = 0; k < 5; k++) y = tf.conv1d(y, w, 2, 'valid');
      return y;
    },
    1e-5,
  ),
  valueCase(
    'Conv2D, its stride beyond its window',
    [reals([2, 7, 5, 2]), reals([1, 2, 2, 3])],
    (x: Tensor4D, w: Tensor4D) => tf.conv2d(x, w, [3, 4], 'same'),
    1e-5,
  ),
  valueCase('MaxPool3D of negatives', [reals([2, 4, 3, 5, 2], -3, -1)], (x: Tensor5D) =>
    tf.maxPool3d(x, [2, 1, 3], 2, 'same'),
  ),
  valueCase('MaxPoolWithArgmax of negatives', [reals([2, 4, 3, 2], -3, -1)], (x: Tensor4D) => {
    const { result, indexes } = tf.maxPoolWithArgmax(x, 2, 2, 'same');
    return { result, indexes };
  }),
  valueCase(
    'FusedBatchNorm of a large mean',
    [],
    () => {
      const [x, mean] = [tf.tensor([1.7e7, 1.7e7 + 2], [2, 1]) as Tensor2D, tf.tensor1d([1.7e7])];
      return tf.batchNorm2d(x, mean, tf.tensor1d([4]), tf.tensor1d([0.5]), tf.tensor1d([3]), 0);
    },
    1e-6,
  ),
  valueCase('ResizeNearestNeighbor between centers', [reals([2, 3, 2, 2])], (x: Tensor4D) =>
    tf.image.resizeNearestNeighbor(x, [4, 5], false, true),
  ),
  valueCase('DenseBincount of whether there are any', [wholes([9], 4)], (x: Tensor1D) =>
    tf.denseBincount(x, tf.tensor1d([]), 5, true),
  ),
];
