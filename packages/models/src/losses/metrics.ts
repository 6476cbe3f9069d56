import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Counts how often the largest logit is the label's, as a share of the batch from 0 to 1.
 *
 * @param logits - `[batch, classes]`; of equal largest logits the first counts.
 * @param labels - `[batch]`, int32.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { accuracy } from '@steppe/models';
 *
 * const logits = tf.tensor2d([[1, 0], [0, 1], [2, 3], [1, 0]]);
 * console.log(accuracy(logits, tf.tensor1d([0, 1, 1, 1], 'int32')).arraySync()); // => 0.75
 * ```
 */
export function accuracy(logits: Tensor2D, labels: Tensor1D): Scalar {
  return tf.tidy(() => tf.mean(tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'float32')));
}

/**
 * Counts how often the largest logit is not the label's: 1 - accuracy, the test error of the paper's tables as a share.
 *
 * @param logits - `[batch, classes]`.
 * @param labels - `[batch]`, int32.
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
export function errorRate(logits: Tensor2D, labels: Tensor1D): Scalar {
  return tf.tidy(() => tf.sub(1, accuracy(logits, labels)));
}
