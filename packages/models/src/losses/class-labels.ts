import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelOptions } from './label-options.ts';
import { byClass, checkCounts, checkTensor, only, sameShape, total, weigh } from './weighting.ts';

/** Labels of classes in the one form in which losses and metrics count: a target and what it counts. */
export type ClassLabels = {
  /** t, `[..., classes]`, float32. */
  readonly target: Tensor;
  /** `[classes]`; undefined for 1 each. */
  readonly classWeights?: Tensor | undefined;
  /** False where the weight is 0 and what the network says may not matter; undefined where everything counts. */
  readonly counted?: Tensor | undefined;
  /** What each example counts by itself, 0 where its class counts 0; undefined for 1 each. */
  readonly own?: Tensor | undefined;
  /** What each example counts: its own weight times that of its class; undefined for 1 each. */
  readonly weights?: Tensor | undefined;
  /** The sum of the weights. */
  readonly whole: Scalar | number;
  /** How many labels that count name no class; undefined for soft labels. */
  readonly wrong?: Scalar | undefined;
};

const isSoft = (labels: Tensor, shape: readonly number[]): boolean =>
  sameShape(labels.shape, shape) && ['float32', 'int32', 'bool'].includes(labels.dtype);

/** Refuses a softmax over one class. */
export function checkSeveral(classes: number | undefined, got: string): void {
  if (classes === 1)
    throw new Error(
      `A softmax over one class is always 1 and learns nothing, got ${got}: give two classes or more, or take ` +
        'sigmoidCrossEntropy for yes or no.',
    );
}

/** Refuses logits, labels and weights whose shapes or types do not fit together. */
export function checkClassLabels(logits: Tensor, labels: Tensor, options: LabelOptions): void {
  checkTensor('logits', logits);
  checkTensor('labels', labels);
  const { shape, dtype } = logits;
  const examples = shape.slice(0, -1);
  if (dtype !== 'float32' || shape.length < 2)
    throw new Error(`Logits must be float32 [batch, ..., classes], got ${dtype} [${shape}].`);
  if (logits.size === 0) throw new Error(`There must be an example and a class at least, got logits [${shape}].`);
  checkSeveral(shape.at(-1), `logits [${shape}]`);
  const soft = isSoft(labels, shape);
  if (!soft && (labels.dtype !== 'int32' || !sameShape(labels.shape, examples)))
    throw new Error(
      `Labels must be int32 [${examples}] for logits [${shape}], got ${labels.dtype} [${labels.shape}]. ` +
        `Soft and one-hot labels are [${shape}].`,
    );
  checkCounts(options, examples, shape.at(-1) ?? 0);
  if (soft && options.ignore !== undefined)
    throw new Error(
      `ignore needs class numbers, int32 [${examples}], got labels [${shape}]: give such examples a weight of 0.`,
    );
}

/** Reads labels that were checked. */
export function readClassLabels(shape: readonly number[], labels: Tensor, options: LabelOptions): ClassLabels {
  const examples = shape.slice(0, -1);
  const soft = isSoft(labels, shape);
  const { counted: named, weights: given } = weigh(examples, soft ? undefined : labels, options);
  // A cast, since WASM's float32 one-hot is all zeros.
  const shares = tf.cast(soft ? labels : tf.oneHot(labels, shape.at(-1) ?? 0), 'float32');
  const target = soft ? only(named, shares) : shares;
  // Summing what is missing, not what is there, is exact for any number of labels.
  const wrong = soft ? undefined : total(only(named, tf.sub(1, tf.sum(target, -1))));
  if (options.classWeights === undefined) {
    const count = examples.reduce((product, side) => product * side, 1);
    return { target, counted: named, own: given, weights: given, whole: given ? total(given) : count, wrong };
  }
  const classWeights = byClass(options.classWeights);
  const ofClass = tf.sum(tf.mul(target, classWeights), -1);
  const weights = given === undefined ? ofClass : tf.mul(given, ofClass);
  const counted = tf.notEqual(weights, 0);
  const own = only(counted, given ?? tf.onesLike(weights));
  return { target, classWeights, counted, own, weights, whole: total(weights), wrong };
}
