import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** What `tf.gather` takes apart: x is [batch, outer, size, inner], the result [batch, outer, picked, inner]. */
type Parts = { readonly batch: number; readonly outer: number; readonly size: number; readonly inner: number };

/** Adds what was picked to where it was picked from, the transpose of `tf.gather`; indices are [batch, picked]. */
function putBack(dy: Tensor, indices: Tensor, { batch, outer, size, inner }: Parts, shape: number[]): Tensor {
  const picked = indices.size / batch;
  const swap = (x: Tensor): Tensor => (outer === 1 ? x : tf.transpose(x, [0, 2, 1, 3]));
  const rows = tf.reshape(swap(tf.reshape(dy, [batch, outer, picked, inner])), [batch * picked, outer * inner]);
  const sums = (): Tensor => {
    if (batch === 1) return tf.unsortedSegmentSum(rows, tf.reshape(indices, [picked]), size);
    const first = tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(size, 'int32'));
    const places = tf.add(tf.reshape(indices, [batch, picked]), tf.reshape(first, [batch, 1]));
    return tf.scatterND(tf.reshape(places, [batch * picked, 1]), rows, [batch * size, outer * inner]);
  };
  return tf.reshape(swap(tf.reshape(sums(), [batch, size, outer, inner])), shape);
}

type Gather = { readonly axis: number; readonly batchDims: number };

/** Gradients of operations that take entries by their indices, or put them there. */
export const indexRules: readonly GradConfig[] = [
  rule<Gather>(tf.GatherV2, ['x', 'indices'], (dy, [x, indices], { axis, batchDims }) => ({
    x: () => {
      const along = axis < 0 ? axis + x.rank : axis;
      const batches = batchDims < 0 ? batchDims + indices.rank : batchDims;
      const parts = {
        batch: product(x.shape.slice(0, batches)),
        outer: product(x.shape.slice(batches, along)),
        size: x.shape[along] ?? 0,
        inner: product(x.shape.slice(along + 1)),
      };
      return putBack(dy, indices, parts, x.shape);
    },
  })),
  rule<{ numSegments: number }>(tf.UnsortedSegmentSum, ['segmentIds'], (dy, [ids], { numSegments }) => ({
    x: () => {
      // Ids out of range belong to no segment.
      const inside = tf.logicalAnd(tf.greaterEqual(ids, 0), tf.less(ids, numSegments));
      const picked = tf.gather(dy, tf.mul(ids, tf.cast(inside, 'int32')) as tf.Tensor1D);
      const each = tf.reshape(inside, [...ids.shape, ...new Array<number>(picked.rank - ids.rank).fill(1)]);
      return tf.where(each, picked, tf.zerosLike(picked));
    },
  })),
  rule(tf.GatherNd, ['params', 'indices'], (dy, [params, indices]) => ({
    params: () => {
      const depth = indices.shape.at(-1) ?? 1;
      const picked = indices.size / depth;
      const rows = tf.reshape(dy, [picked, ...params.shape.slice(depth)]);
      return tf.scatterND(tf.reshape(indices, [picked, depth]), rows, params.shape);
    },
  })),
  rule(tf.ScatterNd, ['indices'], (dy, [indices]) => ({ updates: () => tf.gatherND(dy, indices) })),
  rule(tf.TensorScatterUpdate, ['indices', 'updates'], (dy, [indices, updates]) => ({
    tensor: () => {
      const replaced = tf.greater(tf.scatterND(indices, tf.onesLike(updates), dy.shape), 0);
      return tf.where(replaced, tf.zerosLike(dy), dy);
    },
    updates: () => {
      // Of updates of one place, the one that stayed.
      const order = tf.reshape(tf.range(0, updates.size, 1, 'int32'), updates.shape);
      const stayed = tf.gatherND(tf.tensorScatterUpdate(tf.zeros(dy.shape, 'int32'), indices, order), indices);
      return tf.where(tf.equal(stayed, order), tf.gatherND(dy, indices), tf.zerosLike(updates));
    },
  })),
  {
    kernelName: tf.TopK,
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dys, saved) => ({
      x: () => {
        const [[dy], [x, indices]] = [dys as Tensor[], saved] as [[Tensor], [Tensor, Tensor]];
        const size = x.shape.at(-1) ?? 0;
        return putBack(dy, indices, { batch: x.size / size, outer: 1, size, inner: 1 }, x.shape);
      },
    }),
  },
];
