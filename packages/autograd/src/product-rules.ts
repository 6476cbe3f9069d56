import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';

/** Moves along an axis, by `by` places away from where products begin, and puts ones into the free places. */
function shifted(x: Tensor, by: number, axis: number, reverse: boolean): Tensor {
  const size = x.shape[axis] ?? 0;
  const [origin, rest] = [x.shape.map(() => 0), x.shape.with(axis, size - by)];
  const kept = tf.slice(x, reverse ? origin.with(axis, by) : origin, rest);
  const border = x.shape.map((): [number, number] => [0, 0]).with(axis, reverse ? [0, by] : [by, 0]);
  return tf.pad(kept, border, 1);
}

type Cumulation = { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

/** The cumulative product in ⌈log₂ n⌉ multiplications, whose gradients never divide, so zeros are as good as others. */
function products(x: Tensor, { axis, exclusive, reverse }: Cumulation): Tensor {
  const size = x.shape[axis] ?? 0;
  let y = exclusive ? shifted(x, 1, axis, reverse) : tf.clone(x);
  for (let by = 1; by < size; by *= 2) y = tf.mul(y, shifted(y, by, axis, reverse));
  return y;
}

/** The gradient of the product over some axes: that of each entry is the product of the others. */
function productGradient(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const last = tf.transpose(x, order);
  const rows = tf.reshape(last, [...kept.map((axis) => x.shape[axis] ?? 1), x.size / dy.size]);
  const axis = kept.length;
  const others = tf.mul(tf.cumprod(rows, axis, true), tf.cumprod(rows, axis, true, true));
  const dx = tf.mul(tf.reshape(dy, rows.shape.with(axis, 1)), others);
  return tf.transpose(
    tf.reshape(dx, last.shape),
    order.map((_, i) => order.indexOf(i)),
  );
}

/** Gradients of sums and products along an axis. */
export const productRules: readonly GradConfig[] = [
  rule<Cumulation>(tf.Cumsum, [], (dy, _, { axis, exclusive, reverse }) => ({
    x: () => tf.cumsum(dy, axis < 0 ? axis + dy.rank : axis, exclusive, !reverse),
  })),
  rule<Cumulation>(tf.Cumprod, ['x'], (dy, [x], attrs) => ({
    x: () => {
      const axis = attrs.axis < 0 ? attrs.axis + x.rank : attrs.axis;
      return tf.grad((y) => products(y, { ...attrs, axis }))(x, dy);
    },
  })),
  rule<{ axis: number | number[] | null }>(tf.Prod, ['x'], (dy, [x], { axis }) => ({
    x: () => productGradient(dy, x, tf.util.parseAxisParam(axis ?? [...x.shape.keys()], x.shape)),
  })),
];
