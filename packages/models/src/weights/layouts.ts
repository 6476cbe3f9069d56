import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { WeightLayout } from './names.ts';

/** Where the axes of a published tensor are among ours; `ones` follow them. */
const axes: Readonly<Record<Exclude<WeightLayout, 'same'>, { order: readonly number[]; ones: number }>> = {
  conv: { order: [3, 2, 0, 1], ones: 0 },
  depthwise: { order: [2, 3, 0, 1], ones: 0 },
  dense: { order: [1, 0], ones: 0 },
  pointwise: { order: [1, 0], ones: 2 },
};

const ofOrder = (shape: readonly number[], order: readonly number[]): number[] => order.map((axis) => shape[axis] ?? 1);

/**
 * Tells the published shape of a tensor of ours.
 *
 * @throws When the layout is for tensors of another rank.
 */
export function publishedShape(shape: readonly number[], layout: WeightLayout): number[] {
  if (layout === 'same') return [...shape];
  const { order, ones } = axes[layout];
  if (order.length !== shape.length)
    throw new Error(`The layout ${layout} is one of ${order.length} axes, got a tensor of [${shape}].`);
  return [...ofOrder(shape, order), ...new Array<number>(ones).fill(1)];
}

/** Turns a tensor of ours into a published one. */
export function toPublished(x: Tensor, layout: WeightLayout): Tensor {
  if (layout === 'same') return x;
  return tf.reshape(tf.transpose(x, [...axes[layout].order]), publishedShape(x.shape, layout));
}

/** Turns a published tensor into one of ours. */
export function toOurs(x: Tensor, layout: WeightLayout): Tensor {
  if (layout === 'same') return x;
  const { order } = axes[layout];
  const back = order.map((_, axis) => order.indexOf(axis));
  return tf.transpose(tf.reshape(x, x.shape.slice(0, order.length)), back);
}
