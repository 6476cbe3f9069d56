import { shown } from '@steppe/check';
import { type Key, uniform } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { aKey } from '../spectrum/estimate.ts';

/**
 * Draws a class for each example from softmax(logits), for `draw` of `fisher`: y_i = argmax_k (logits_ik - ln(-ln u_ik)),
 * u uniform.
 *
 * @param logits - `[examples, classes]`.
 * @returns The classes, int32 of `[examples]`.
 * @throws When the logits are no matrix, or the key is none.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { key } from '@steppe/random';
 * import { drawLabels } from '@steppe/sharpness';
 *
 * const labels = drawLabels(tf.tensor2d([[0, 50], [50, 0]]), key(0));
 * console.log(labels.arraySync()); // => [ 1, 0 ]
 * ```
 */
export function drawLabels(logits: Tensor2D, key: Key): Tensor1D {
  if (!(logits instanceof Tensor) || logits.rank !== 2)
    throw new Error(
      `The logits of drawLabels must have the shape [examples, classes], got ${logits instanceof Tensor ? `[${logits.shape}]` : shown(logits)}.`,
    );
  aKey('key', key);
  return tf.tidy(() => {
    // Maxima of a Gumbel variable beside each logit fall as softmax says.
    const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniform<tf.Rank.R2>(key, logits.shape)))));
    return tf.argMax<Tensor1D>(tf.add(logits, gumbel), 1);
  });
}
