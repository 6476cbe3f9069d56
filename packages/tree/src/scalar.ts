import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Says that a tensor is a scalar, which TensorFlow.js's types forget in arithmetic: of `Tensor` it makes `Scalar`, the
 * same tensor.
 *
 * @throws When the tensor has an axis, or there is none.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { asScalar } from '@steppe/tree';
 *
 * const half: tf.Scalar = asScalar(tf.div(tf.scalar(1), 2));
 * console.log(half.arraySync()); // => 0.5
 * ```
 */
export function asScalar(x: Tensor | undefined): Scalar {
  if (x?.rank !== 0) throw new Error(`A scalar has no axes, got ${x ? `shape [${x.shape}]` : 'nothing'}.`);
  return x as Scalar;
}

/**
 * Divides two scalars where that is defined: a / b, or 0 where b is 0.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { ratio } from '@steppe/tree';
 *
 * console.log(ratio(tf.scalar(1), tf.scalar(4)).arraySync(), ratio(tf.scalar(1), tf.scalar(0)).arraySync()); // => 0.25 0
 * ```
 */
export function ratio(a: Scalar, b: Scalar): Scalar {
  return tf.tidy(() => {
    const zero = tf.equal(b, 0);
    return asScalar(tf.where(zero, 0, tf.div(a, tf.where(zero, 1, b))));
  });
}
