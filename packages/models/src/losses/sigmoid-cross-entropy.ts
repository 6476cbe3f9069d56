import { checkOptions } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkEntries, meanOverEntries } from './entries.ts';
import { type LabelOptions, labelOptionNames } from './label-options.ts';
import { byClass, checkByClass } from './weighting.ts';

/** How much each label counts, and each label that is 1. */
export type SigmoidCrossEntropyOptions = LabelOptions & {
  /**
   * p, how much more a positive label costs, `[classes]`: above 1 for more recall. It does not count in the weights that
   * the mean divides by (PyTorch's `pos_weight`).
   */
  readonly positiveWeights?: Tensor1D | readonly number[] | undefined;
};

/** Shares of classes that were rounded may be this far, about, outside of [0, 1]. */
const slack = 1e-3;

/** share·x, and 0 where nothing of an infinite x is taken, whose product would be NaN; finite x keep their derivatives
 * by the share. */
const part = (share: Tensor, x: Tensor): Tensor => {
  const none = tf.logicalAnd(tf.equal(share, 0), tf.equal(x, Number.POSITIVE_INFINITY));
  return tf.mul(share, tf.where(none, 0, x));
};

/**
 * Measures how far the sigmoids of logits are from labels, each by itself: -p·t·log σ(z) - (1 - t)·log(1 - σ(z)), in
 * nats, averaged over all entries by their weights, Σ w_i·l_i / Σ w_i.
 *
 * For yes-or-no labels: `[batch]` for one of them, `[batch, classes]` for several that may hold together. An entry's
 * weight is its example's times its class's, both 1 unless given, 0 where the label is `ignore`; `entryWeight` gives
 * their sum. Where nothing counts the loss is 0 with zero gradients. Exact for logits of any size, small losses to their
 * last digits, and in derivatives of any order, also at 0; an infinite logit costs 0 where it is right. A label outside of [0, 1] that is not `ignore`,
 * such as -1 for no, makes the loss NaN.
 *
 * @param logits - z, float32, of any shape.
 * @param labels - t, of the same shape: 0 and 1 of any type, or probabilities. Shapes are not broadcast.
 * @throws When the shapes or types do not fit, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { sigmoidCrossEntropy } from '@steppe/models';
 *
 * const [logits, labels] = [tf.tensor2d([[0, 3, -20]]), tf.tensor2d([[1, 1, 0]])];
 * console.log(sigmoidCrossEntropy(logits, labels).arraySync().toFixed(4)); // => 0.2472
 * const options = { positiveWeights: [10, 1, 1] };
 * console.log(sigmoidCrossEntropy(logits, labels, options).arraySync().toFixed(4)); // => 2.3267
 * ```
 */
export function sigmoidCrossEntropy(logits: Tensor, labels: Tensor, options: SigmoidCrossEntropyOptions = {}): Scalar {
  checkOptions('sigmoidCrossEntropy', options, [...labelOptionNames, 'positiveWeights']);
  checkEntries('logits', logits, labels, options);
  const { positiveWeights } = options;
  checkByClass('positiveWeights', positiveWeights, logits.shape.at(-1) ?? 1);
  const lossOf = (z: Tensor, t: Tensor): Tensor => {
    // -log σ(z) and -log(1 - σ(z)) without max and abs, whose derivatives at 0 would be wrong here: each is one side of
    // z, linear, plus log(1 + exp(-|z|)).
    const positive = tf.greater(z, 0);
    const rest = tf.log1p(tf.exp(tf.where(positive, tf.neg(z), z)));
    const yes = tf.add(tf.where(positive, 0, tf.neg(z)), rest);
    const no = tf.add(tf.where(positive, z, 0), rest);
    const ofYes = positiveWeights === undefined ? t : tf.mul(t, byClass(positiveWeights));
    return tf.add(part(ofYes, yes), part(tf.sub(1, t), no));
  };
  return pure(() => meanOverEntries(logits, labels, options, lossOf, (t) => tf.less(tf.mul(t, tf.sub(1, t)), -slack)));
}
