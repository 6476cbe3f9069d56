import { checkNumber, checkOptions, count } from '@steppe/check';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkClassLabels, readClassLabels } from './class-labels.ts';
import { type CrossEntropyOptions, crossEntropyOptions } from './softmax-cross-entropy.ts';
import { only, share, total } from './weighting.ts';

/**
 * Counts how often the label is among the k largest logits, as a share of the examples, by their weights: top-5 accuracy
 * for k = 5. For k = 1 it is `accuracy`.
 *
 * Takes the labels and the options of `softmaxCrossEntropy`, of which the smoothing does not matter here; of soft labels
 * the largest share is the label. Where nothing counts it is 0, and logits that are NaN are never right. With k classes
 * or fewer it is 1.
 *
 * @param logits - `[batch, ..., classes]`, float32; of equal logits the first counts as larger.
 * @param labels - `[batch, ...]`, int32, or `[batch, ..., classes]`.
 * @param k - A positive whole number.
 * @throws When the shapes or types do not fit, k is no such number, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { topKAccuracy } from '@steppe/models';
 *
 * const logits = tf.tensor2d([[3, 2, 1], [3, 2, 1], [3, 2, 1]]);
 * const labels = tf.tensor1d([0, 1, 2], 'int32');
 * console.log(topKAccuracy(logits, labels, 2).arraySync().toFixed(3)); // => 0.667
 * ```
 */
export function topKAccuracy(logits: Tensor, labels: Tensor, k: number, options: CrossEntropyOptions = {}): Scalar {
  checkOptions('topKAccuracy', options, crossEntropyOptions);
  checkNumber('k', k, count);
  checkClassLabels(logits, labels, options);
  return tf.tidy(() => {
    const { counted, weights, whole, wrong } = readClassLabels(logits.shape, labels, options);
    const classes = logits.shape.at(-1) ?? 0;
    const named = labels.rank === logits.rank ? tf.argMax(only(counted, labels), -1) : labels;
    const isLabel = tf.cast(tf.oneHot(tf.cast(named, 'int32'), classes), 'bool');
    const ofLabel = tf.sum(tf.where(isLabel, logits, 0), -1, true);
    // The place of the label among the logits, without sorting them: those above it, and equal ones before it.
    const isBefore = tf.less(tf.range(0, classes, 1, 'int32'), tf.expandDims(named, -1));
    const isAhead = tf.logicalOr(tf.greater(logits, ofLabel), tf.logicalAnd(tf.equal(logits, ofLabel), isBefore));
    const place = tf.sum(tf.cast(isAhead, 'int32'), -1);
    const known = tf.logicalNot(tf.any(tf.isNaN(logits), -1));
    const hits = tf.cast(tf.logicalAnd(tf.less(place, k), known), 'float32');
    return share(total(weights === undefined ? hits : tf.mul(hits, weights)), whole, wrong);
  });
}
