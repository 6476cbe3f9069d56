import { checkNumber, nonNegative, refusal } from '@steppe/check';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelOptions } from './label-options.ts';

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

/** Adds all entries, last axis first: a float32 sum of few terms rounds less than one of many. */
export function total(x: Tensor): Scalar {
  let sum = x;
  while (sum.rank > 1) sum = tf.sum(sum, -1);
  return tf.sum<Scalar>(sum);
}

/** Refuses what is no tensor, such as an array of labels. */
export function checkTensor(name: string, given: unknown): void {
  if (!(given instanceof tf.Tensor)) throw refusal(name, 'a tensor', given);
}

/** Refuses an `ignore` that no label can be. */
function checkIgnore(ignore: number | undefined): void {
  if (ignore !== undefined && !Number.isSafeInteger(ignore)) throw refusal('ignore', 'a label, a whole number', ignore);
}

/** Refuses weights whose shape does not begin as that of the examples. */
function checkWeights(weights: Tensor | undefined, examples: readonly number[]): void {
  if (weights === undefined) return;
  checkTensor('weights', weights);
  if (weights.rank < 1 || !sameShape(weights.shape, examples.slice(0, weights.rank)))
    throw new Error(
      `weights must have the shape of the examples, [${examples}], or its first sides, got [${weights.shape}].`,
    );
}

/** Refuses numbers by class that are not one for each class; those on the host also where they are below 0. Tensors are
 * not read from the device at every step. */
export function checkByClass(name: string, given: Tensor | readonly number[] | undefined, classes: number): void {
  if (given === undefined) return;
  const shape = given instanceof tf.Tensor ? given.shape : Array.isArray(given) ? [given.length] : undefined;
  if (shape === undefined) throw refusal(name, 'a tensor or an array of numbers', given);
  if (!sameShape(shape, [classes]))
    throw new Error(`${name} must have one number for each of ${classes} classes, got [${shape}].`);
  if (Array.isArray(given)) for (const [at, x] of given.entries()) checkNumber(`${name}[${at}]`, x, nonNegative);
}

/** Refuses options of labels that do not fit so many classes, and examples of that shape. */
export function checkCounts(options: LabelOptions, examples: readonly number[], classes: number): void {
  checkIgnore(options.ignore);
  checkWeights(options.weights, examples);
  checkByClass('classWeights', options.classWeights, classes);
}

/** The numbers by class as a tensor. */
export const byClass = (given: Tensor1D | readonly number[]): Tensor1D =>
  given instanceof tf.Tensor ? tf.cast(given, 'float32') : tf.tensor1d([...given], 'float32');

/** What counts, and how much. */
export type Weighting = {
  /** False where nothing that the network says may matter; undefined where everything counts. */
  readonly counted?: Tensor | undefined;
  /** How much each example counts, 0 where it does not; undefined for 1 each. */
  readonly weights?: Tensor | undefined;
};

/** Joins what a label that is ignored and what weights say of each of the examples; `labels` are theirs. */
export function weigh(
  examples: readonly number[],
  labels: Tensor | undefined,
  { ignore, weights }: { readonly ignore?: number | undefined; readonly weights?: Tensor | undefined },
): Weighting {
  const named = ignore === undefined || labels === undefined ? undefined : tf.notEqual(labels, ignore);
  if (weights === undefined) return { counted: named, weights: named && tf.cast(named, 'float32') };
  const sides = [...weights.shape, ...examples.slice(weights.rank).map(() => 1)];
  const full = tf.broadcastTo(tf.reshape(tf.cast(weights, 'float32'), sides), [...examples]);
  const nonzero = tf.notEqual(full, 0);
  const counted = named === undefined ? nonzero : tf.logicalAnd(named, nonzero);
  return { counted, weights: tf.where(counted, full, 0) };
}

/** x where it counts, 0 elsewhere, so that no number that is not finite goes on, neither forward nor backward. */
export const only = (counted: Tensor | undefined, x: Tensor): Tensor => {
  if (counted === undefined) return x;
  const mask = counted.rank < x.rank ? tf.expandDims(counted, -1) : counted;
  return tf.where(mask, x, 0);
};

/** The divisor of a mean: 1 where nothing counts, NaN where the weights overflow, which would divide all to 0. */
const divisorOf = (whole: Scalar): Tensor =>
  tf.where(tf.equal(whole, Number.POSITIVE_INFINITY), Number.NaN, tf.where(tf.equal(whole, 0), 1, whole));

/** Σ / total; 0 where nothing counts, and NaN where a label is wrong. */
export function share(sum: Scalar, whole: Scalar | number, wrong: Scalar | undefined): Scalar {
  const divisor = typeof whole === 'number' ? tf.scalar(whole) : divisorOf(whole);
  return tf.div(sum, wrong === undefined ? divisor : tf.where(tf.greater(wrong, 0), Number.NaN, divisor));
}
