import { checkOptions } from '@steppe/check';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkClassLabels, readClassLabels } from './class-labels.ts';
import { type CrossEntropyOptions, crossEntropyOptions } from './softmax-cross-entropy.ts';
import { only, share, total } from './weighting.ts';

/** The share of the examples, by their weights, whose largest logit is the label's, or is not. */
function rate(logits: Tensor, labels: Tensor, options: CrossEntropyOptions, right: boolean): Scalar {
  return tf.tidy(() => {
    const { counted, weights, whole, wrong } = readClassLabels(logits.shape, labels, options);
    const named = labels.rank === logits.rank ? tf.argMax(only(counted, labels), -1) : labels;
    const said = tf.argMax(logits, -1);
    // NaN is said to be some class, the first one on some backends, and must not be right by accident.
    const known = tf.logicalNot(tf.any(tf.isNaN(logits), -1));
    const hits = tf.logicalAnd(tf.equal(said, named), known);
    const counts = tf.cast(right ? hits : tf.logicalNot(hits), 'float32');
    return share(total(weights === undefined ? counts : tf.mul(counts, weights)), whole, wrong);
  });
}

/**
 * Counts how often the largest logit is the label's, as a share of the examples, by their weights, from 0 to 1.
 *
 * Takes the labels and the options of `softmaxCrossEntropy`, of which the smoothing does not matter here; of soft
 * labels the largest share is the label. With class weights of 1 / (examples of the class) this is balanced accuracy.
 * Where nothing counts it is 0, and logits that are NaN are never right.
 *
 * @param logits - `[batch, ..., classes]`, float32; of equal largest logits the first counts.
 * @param labels - `[batch, ...]`, int32, or `[batch, ..., classes]`.
 * @throws When the shapes or types do not fit, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { accuracy } from '@steppe/models';
 *
 * const logits = tf.tensor2d([[1, 0], [0, 1], [2, 3], [1, 0]]);
 * const labels = tf.tensor1d([0, 1, 1, 1], 'int32');
 * console.log(accuracy(logits, labels).arraySync()); // => 0.75
 * console.log(accuracy(logits, labels, { weights: tf.tensor1d([1, 1, 0, 2]) }).arraySync()); // => 0.5
 * ```
 */
export function accuracy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Scalar {
  checkOptions('accuracy', options, crossEntropyOptions);
  checkClassLabels(logits, labels, options);
  return rate(logits, labels, options, true);
}

/**
 * Counts how often the largest logit is not the label's: 1 - accuracy, the test error of the paper's tables as a share.
 *
 * Where nothing counts it is 0, as the accuracy is.
 *
 * @param logits - `[batch, ..., classes]`, float32.
 * @param labels - `[batch, ...]`, int32, or `[batch, ..., classes]`.
 * @throws When the shapes or types do not fit, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { errorRate } from '@steppe/models';
 *
 * const logits = tf.tensor2d([[1, 0], [0, 1], [2, 3], [1, 0]]);
 * console.log(errorRate(logits, tf.tensor1d([0, 1, 1, 1], 'int32')).arraySync()); // => 0.25
 * ```
 */
export function errorRate(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Scalar {
  checkOptions('errorRate', options, crossEntropyOptions);
  checkClassLabels(logits, labels, options);
  return rate(logits, labels, options, false);
}
