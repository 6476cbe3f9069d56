import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';
import { spreadAlong } from './spread.ts';

type StridedSlice = Record<'begin' | 'end' | 'strides', number[]> &
  Record<'beginMask' | 'endMask' | 'ellipsisMask' | 'newAxisMask' | 'shrinkAxisMask', number>;

/** Puts the entries that a slice took back to where they were, among zeros. */
function unsliced(dy: Tensor, shape: number[], attrs: StridedSlice): Tensor {
  const { begin: b, end: e, strides: s, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const { begin, end, strides } = tf.slice_util.sliceInfo(shape, b, e, s, ...masks);
  const counts = shape.map((_, axis) => {
    const [from = 0, to = 0, step = 1] = [begin[axis], end[axis], strides[axis]];
    return Math.ceil((to - from) / step);
  });
  const back = strides.flatMap((step, axis) => (step < 0 && (counts[axis] ?? 0) > 1 ? [axis] : []));
  const taken = tf.reshape(dy, counts);
  const ordered = back.length === 0 ? taken : tf.reverse(taken, back);
  const spread = strides.reduce((holed, step, axis) => spreadAlong(holed, axis, Math.abs(step)), ordered);
  const borders = shape.map((size, axis): [number, number] => {
    const [from = 0, step = 1, count = 1] = [begin[axis], strides[axis], counts[axis]];
    const [first, last] = [from, from + (count - 1) * step].toSorted((x, y) => x - y) as [number, number];
    return [first, size - 1 - last];
  });
  return borders.flat().every((n) => n === 0) ? tf.clone(spread) : tf.pad(spread, borders);
}

/** Moves the depth of [batch, height, width, depth] that `tf.depthToSpace` spread out back. */
function spaceToDepth(dy: Tensor, block: number): Tensor {
  const [batch, height, width, depth] = dy.shape as [number, number, number, number];
  const parted = tf.reshape(dy, [batch * (height / block), block, width / block, block * depth]);
  const shape = [batch, height / block, width / block, block * block * depth];
  return tf.reshape(tf.transpose(parted, [0, 2, 1, 3]), shape);
}

/** tfjs hands the gradient of a sole output without a list around it. */
const listed = (dys: Tensor | Tensor[]): Tensor[] => (Array.isArray(dys) ? dys : [dys]);

/** Gradients of operations that move entries, or leave some out. */
export const movementRules: readonly GradConfig[] = [
  rule<StridedSlice>(tf.StridedSlice, ['x'], (dy, [x], attrs) => ({ x: () => unsliced(dy, x.shape, attrs) })),
  rule<{ blockSize: number; dataFormat: string }>(tf.DepthToSpace, [], (dy, _, { blockSize, dataFormat }) => ({
    x: () => {
      if (dataFormat !== 'NCHW') return spaceToDepth(dy, blockSize);
      return tf.transpose(spaceToDepth(tf.transpose(dy, [0, 2, 3, 1]), blockSize), [0, 3, 1, 2]);
    },
  })),
  rule(tf.FlipLeftRight, [], (dy) => ({ image: () => tf.reverse(dy, 2) })),
  rule(tf.Diag, ['x'], (dy, [x]) => ({
    x: () => tf.reshape(tf.stridedSlice(tf.reshape(dy, [x.size ** 2]), [0], [x.size ** 2], [x.size + 1]), x.shape),
  })),
  {
    kernelName: tf.SplitV,
    gradFunc: (dys, _, { axis }) => ({ x: () => tf.concat(listed(dys), axis as number) }),
  },
  {
    kernelName: tf.Unpack,
    gradFunc: (dys, _, { axis }) => ({ value: () => tf.stack(listed(dys), axis as number) }),
  },
];
