import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, exactly, valueCase, wholes } from './case.ts';

type Comparison = (a: Tensor, b: Tensor) => Tensor;

const comparisons: Readonly<Record<string, Comparison>> = {
  Equal: tf.equal,
  NotEqual: tf.notEqual,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
};

const arithmetic: Readonly<Record<string, Comparison>> = {
  Add: tf.add,
  Sub: tf.sub,
  Multiply: tf.mul,
  Maximum: tf.maximum,
  Minimum: tf.minimum,
};

/** Comparisons, logic and whole numbers. */
export const comparisonCases: readonly Case[] = [
  ...Object.entries(comparisons).map(([name, compare]) =>
    valueCase(name, [wholes([5, 7], 4), wholes([7], 4)], (a: Tensor, b: Tensor) => ({
      whole: compare(a, b),
      real: compare(tf.cast(a, 'float32'), tf.cast(b, 'float32')),
    })),
  ),
  ...Object.entries(arithmetic).map(([name, f]) =>
    valueCase(`${name} of integers`, [wholes([5, 7], 1000), wholes([7], 1000)], f),
  ),
  valueCase('LogicalAnd, LogicalOr, LogicalNot', [wholes([5, 7], 2), wholes([7], 2)], (a: Tensor, b: Tensor) => {
    const [p, q] = [tf.cast(a, 'bool'), tf.cast(b, 'bool')];
    return { and: tf.logicalAnd(p, q), or: tf.logicalOr(p, q), not: tf.logicalNot(p) };
  }),
  valueCase('IsNan, IsFinite, IsInf', [exactly([Number.NaN, Number.POSITIVE_INFINITY, 0, -1])], (x: Tensor) => ({
    nan: tf.isNaN(x),
    finite: tf.isFinite(x),
    infinite: tf.isInf(x),
  })),
];
