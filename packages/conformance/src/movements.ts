import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, exactly, gradientCase, reals, valueCase, wholes } from './case.ts';

const block = [3, 4, 5];
const image = [2, 6, 5, 3];

/** What moves, copies, picks, repeats and resizes entries. */
export const movementCases: readonly Case[] = [
  gradientCase('Reshape', [reals(block)], (x: Tensor) => tf.reshape(x, [4, 15])),
  gradientCase('ExpandDims', [reals(block)], (x: Tensor) => tf.expandDims(x, 1)),
  gradientCase('Transpose', [reals(block)], (x: Tensor) => tf.transpose(x, [2, 0, 1])),
  gradientCase('Transpose of heads', [reals([2, 3, 4, 5])], (x: Tensor) => tf.transpose(x, [0, 2, 1, 3])),
  gradientCase('Slice', [reals(block)], (x: Tensor) => tf.slice(x, [1, 0, 2], [2, 3, 3])),
  gradientCase('Concat of the first axis', [reals([2, 5]), reals([3, 5])], (a: Tensor2D, b: Tensor2D) =>
    tf.concat([a, b], 0),
  ),
  gradientCase('Concat of the last axis', [reals([3, 4, 2]), reals([3, 4, 7])], (a: Tensor, b: Tensor) =>
    tf.concat([a, b], -1),
  ),
  gradientCase('SplitV', [reals([4, 9])], (x: Tensor2D) => {
    const [a, b, c] = tf.split(x, 3, 1) as [Tensor, Tensor, Tensor];
    return tf.add(tf.mul(a, b), c);
  }),
  gradientCase('Pack', [reals([4, 3]), reals([4, 3])], (a: Tensor, b: Tensor) => tf.stack([a, b], 1)),
  gradientCase('Unpack', [reals([3, 4])], (x: Tensor2D) => {
    const [a, b, c] = tf.unstack(x) as [Tensor, Tensor, Tensor];
    return tf.add(tf.mul(a, b), c);
  }),
  gradientCase('PadV2 of an image', [reals(image)], (x: Tensor4D) =>
    tf.pad(x, [
      [0, 0],
      [1, 2],
      [2, 0],
      [0, 0],
    ]),
  ),
  gradientCase('PadV2 of channels', [reals(image)], (x: Tensor4D) =>
    tf.pad(x, [
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 2],
    ]),
  ),
  valueCase('PadV2 with another number', [reals([3, 4])], (x: Tensor2D) =>
    tf.pad(
      x,
      [
        [1, 1],
        [0, 2],
      ],
      0.5,
    ),
  ),
  valueCase('MirrorPad', [reals(image)], (x: Tensor4D) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [2, 1],
        [1, 2],
        [0, 0],
      ],
      'reflect',
    ),
  ),
  gradientCase('Tile', [reals(block)], (x: Tensor) => tf.tile(x, [2, 1, 3])),
  gradientCase('broadcastTo', [reals([4, 1])], (x: Tensor) => tf.broadcastTo(x, [3, 4, 5])),
  gradientCase('Reverse', [reals(image)], (x: Tensor4D) => tf.reverse(x, 2)),
  gradientCase(
    'GatherV2, and UnsortedSegmentSum in its gradient',
    [reals([7, 5]), wholes([9], 7)],
    (x: Tensor2D, i: Tensor1D) => tf.gather(x, i),
  ),
  gradientCase('GatherV2 of a later axis', [reals([3, 7, 2]), wholes([4], 7)], (x: Tensor, i: Tensor1D) =>
    tf.gather(x, i, 1),
  ),
  valueCase(
    'UnsortedSegmentSum',
    [reals([9, 4]), wholes([9], 5)],
    (x: Tensor2D, ids: Tensor1D) => tf.unsortedSegmentSum(x, ids, 6),
    1e-6,
  ),
  gradientCase('Select', [wholes(block, 2), reals(block), reals(block)], (flags: Tensor, a: Tensor, b: Tensor) =>
    tf.where(tf.cast(flags, 'bool'), a, b),
  ),
  valueCase('StridedSlice', [reals(block)], (x: Tensor) => tf.stridedSlice(x, [0, 3, 0], [3, 0, 5], [2, -1, 2])),
  valueCase('GatherNd, ScatterNd', [reals([5, 3])], (x: Tensor2D) => {
    const at = tf.tensor2d([[0], [4], [2]], [3, 1], 'int32');
    const rows = tf.gatherND(x, at);
    return { rows, scattered: tf.scatterND(at, rows, [5, 3]) };
  }),
  valueCase('ZerosLike, OnesLike, Fill, Range', [reals([3, 4])], (x: Tensor2D) => ({
    zeros: tf.zerosLike(x),
    ones: tf.onesLike(x),
    filled: tf.fill([2, 3], 0.25),
    range: tf.range(0, 5, 2, 'int32'),
  })),
  valueCase('OneHot', [wholes([6], 4)], (labels: Tensor1D) => tf.cast(tf.oneHot(labels, 4), 'float32')),
  valueCase('TopK', [reals([4, 9])], (x: Tensor2D) => {
    const { values, indices } = tf.topk(x, 3);
    return { values, indices };
  }),
  valueCase('Cast', [exactly([-1.75, -0.5, 0, 0.5, 2.25])], (x: Tensor1D) => ({
    whole: tf.cast(x, 'int32'),
    flag: tf.cast(x, 'bool'),
    back: tf.cast(tf.cast(x, 'int32'), 'float32'),
    flagged: tf.cast(tf.cast(x, 'bool'), 'float32'),
  })),
  valueCase('ResizeBilinear', [reals(image)], (x: Tensor4D) => tf.image.resizeBilinear(x, [9, 4]), 1e-5),
  valueCase('ResizeNearestNeighbor', [reals(image)], (x: Tensor4D) => tf.image.resizeNearestNeighbor(x, [9, 4])),
];
