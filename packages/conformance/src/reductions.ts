import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, gradientCase, reals, valueCase, wholes } from './case.ts';

type Reduction = (x: Tensor, axis?: number | number[], keepDims?: boolean) => Tensor;

const shape = [3, 5, 2, 7];

/** A reduction of everything, of leading, middle and trailing axes, with and without keeping them. */
const axes = (name: string, reduce: Reduction, tolerance: number): Case[] => [
  gradientCase(`${name} of all`, [reals(shape)], (x: Tensor) => reduce(x), tolerance),
  gradientCase(`${name} of the last axis`, [reals(shape)], (x: Tensor) => reduce(x, -1), tolerance),
  gradientCase(`${name} of leading axes`, [reals(shape)], (x: Tensor) => reduce(x, [0, 1, 2]), tolerance),
  gradientCase(`${name} of axes apart`, [reals(shape)], (x: Tensor) => reduce(x, [0, 2], true), tolerance),
];

/** Sums, means, extremes, softmax and its relatives. */
export const reductionCases: readonly Case[] = [
  ...axes('Sum', tf.sum, 1e-5),
  ...axes('Mean', tf.mean, 1e-5),
  ...axes('Max', tf.max, 1e-6),
  ...axes('Min', tf.min, 1e-6),
  valueCase('Prod', [reals(shape, 0.5, 1.5)], (x: Tensor) => tf.prod(x, [1]), 1e-5),
  valueCase('Sum of integers', [wholes(shape, 100)], (x: Tensor) => tf.sum(x, 1)),
  valueCase('Sum of booleans', [reals(shape)], (x: Tensor) => tf.sum(tf.greater(x, 0), [0, 3])),
  valueCase('All, Any', [wholes(shape, 2)], (x: Tensor) => {
    const flags = tf.cast(x, 'bool');
    return {
      all: tf.all(flags, -1),
      apart: tf.all(flags, [0, 2], true),
      any: tf.any(flags, 1),
      anywhere: tf.any(flags),
    };
  }),
  valueCase('extremes and products of integers', [wholes(shape, 4)], (x: Tensor) => ({
    most: tf.max(x, [0, 2], true),
    least: tf.min(x, 1),
    product: tf.prod(x, 0, true),
    first: tf.argMax(x, 0),
    last: tf.argMin(x, 1),
  })),
  valueCase('ArgMax, ArgMin', [reals([6, 9, 5])], (x: Tensor) => ({
    first: tf.argMax(x, 0),
    last: tf.argMax(x, -1),
    least: tf.argMin(x, 1),
  })),
  gradientCase('moments', [reals(shape)], (x: Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.add(mean, tf.sqrt(variance));
  }),
  gradientCase('Softmax', [reals([6, 11], -4, 4)], (x: Tensor2D) => tf.softmax(x)),
  gradientCase('Softmax of large logits', [reals([6, 11], -900, 900)], (x: Tensor2D) => tf.softmax(x)),
  gradientCase('logSoftmax', [reals([6, 11], -4, 4)], (x: Tensor2D) => tf.logSoftmax(x)),
  gradientCase('logSumExp', [reals([6, 11], -4, 4)], (x: Tensor2D) => tf.logSumExp(x, -1)),
  gradientCase('Cumsum', [reals([4, 9])], (x: Tensor2D) => tf.cumsum(x, 1)),
];
