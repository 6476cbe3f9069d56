import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';

type Reduction = { readonly axis: number | number[] };

/** Repeats the gradient of a reduction along the axes that it reduced. */
function repeated(dy: Tensor, x: Tensor, { axis }: Reduction): Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.broadcastTo(tf.reshape(dy, kept), x.shape);
}

/** Sums the gradient of a repetition over the copies. */
function folded(dy: Tensor, shape: number[], reps: readonly number[]): Tensor {
  const sums = reps.reduce((sum, times, axis) => {
    if (times === 1) return sum;
    const outer = sum.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const parted = tf.reshape(sum, [outer, times, sum.size / outer / times]);
    return tf.reshape(tf.sum(parted, 1), sum.shape.with(axis, shape[axis] ?? 1));
  }, dy);
  return tf.reshape(sums, shape);
}

/**
 * Gradients of what sums and of what repeats, which are each other's.
 *
 * tfjs's own make ones of the size of the input on the host, at every step, and multiply by them; of a repetition they
 * cut a slice for each copy, of up to four axes.
 */
export const reductionRules: readonly GradConfig[] = [
  rule<Reduction>(tf.Sum, ['x'], (dy, [x], attrs) => ({ x: () => repeated(dy, x, attrs) })),
  rule<Reduction>(tf.Mean, ['x'], (dy, [x], attrs) => ({
    x: () => repeated(tf.div(dy, x.size / dy.size), x, attrs),
  })),
  rule<{ reps: number[] }>(tf.Tile, ['x'], (dy, [x], { reps }) => ({ x: () => folded(dy, x.shape, reps) })),
];
