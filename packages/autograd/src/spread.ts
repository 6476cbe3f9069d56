import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Puts step - 1 zeros between neighbours along an axis: n entries become (n - 1)·step + 1. */
export function spreadAlong(x: Tensor, axis: number, step: number): Tensor {
  const size = x.shape[axis] ?? 0;
  if (step === 1 || size < 2) return x;
  const [outer, inner] = [product(x.shape.slice(0, axis)), product(x.shape.slice(axis + 1))];
  const zeros: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, step - 1],
    [0, 0],
  ];
  const holes = tf.reshape(tf.pad(tf.reshape(x, [outer, size, 1, inner]), zeros), [outer, size * step, inner]);
  const length = (size - 1) * step + 1;
  return tf.reshape(tf.slice(holes, [0, 0, 0], [outer, length, inner]), x.shape.with(axis, length));
}

/** Takes every `step`-th entry along the axes, the first one first: the transpose of `spreadAlong`. */
export function every(x: Tensor, steps: readonly number[]): Tensor {
  if (steps.every((step) => step === 1)) return x;
  const origin = x.shape.map(() => 0);
  return tf.stridedSlice(x, origin, x.shape, [...steps]);
}
