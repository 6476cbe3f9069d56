import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** As the authors have it: logits that are all the same stay zero. */
const LEAST = 1e-10;

/**
 * Takes the scale out of logits before a loss: f ← (f - mean f) / max(‖f - mean f‖₂, 10⁻¹⁰), example by example.
 *
 * Cross entropy can be made as flat or as sharp as one likes by multiplying the logits, which changes no prediction; a
 * sharpness of the loss of normalized logits does not see it. It has exact second derivatives. Its own derivative at
 * equal logits is 0.
 *
 * @param logits - `[batch, classes]`, or any shape with the classes last.
 * @see Andriushchenko et al., A Modern Look at the Relationship between Sharpness and Generalization, ICML 2023,
 * section 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { normalizeLogits } from '@steppe/sharpness';
 *
 * const small = normalizeLogits(tf.tensor2d([[1, 2, 6]]));
 * const large = normalizeLogits(tf.tensor2d([[10, 20, 60]]));
 * console.log(tf.max<tf.Scalar>(tf.abs(tf.sub(small, large))).arraySync() < 1e-6); // => true
 * ```
 */
export function normalizeLogits<Logits extends Tensor>(logits: Logits): Logits {
  return tf.tidy(() => {
    const centered = tf.sub(logits, tf.mean(logits, -1, true));
    // Under the root, since the derivative of a root at 0 is infinite.
    const square = tf.maximum(tf.sum(tf.square(centered), -1, true), LEAST ** 2);
    return tf.div(centered, tf.sqrt(square));
  });
}
