import { checkNumber, checkOptions, positive } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkEntries, meanOverEntries } from './entries.ts';
import type { LabelOptions } from './label-options.ts';

/** How much each example counts in a regression. */
export type RegressionOptions = Pick<LabelOptions, 'weights'>;

/** How much each example counts, and where the loss turns from square to straight. */
export type HuberOptions = RegressionOptions & {
  /** δ, the error up to which the loss is a square. @defaultValue 1 */
  readonly delta?: number | undefined;
};

/**
 * Measures how far predictions are from targets by the mean of (y - t)² over all entries, by the weights of their
 * examples: Σ w_i·l_i / Σ w_i.
 *
 * `entryWeight` gives the sum of the weights. Where nothing counts the loss is 0 with zero gradients.
 *
 * @param predictions - y, float32, of any shape.
 * @param targets - t, of the same shape. Shapes are not broadcast: `[batch]` against `[batch, 1]` would compare every
 * example with every other.
 * @throws When the shapes or types do not fit, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { meanSquaredError } from '@steppe/models';
 *
 * const [y, t] = [tf.tensor1d([1, 2, 5]), tf.tensor1d([1, 3, 3])];
 * console.log(meanSquaredError(y, t, { weights: tf.tensor1d([1, 1, 2]) }).arraySync()); // => 2.25
 * ```
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor, options: RegressionOptions = {}): Scalar {
  checkOptions('meanSquaredError', options, ['weights']);
  checkEntries('predictions', predictions, targets, options);
  return pure(() => meanOverEntries(predictions, targets, options, (y, t) => tf.square(tf.sub(y, t))));
}

/**
 * Measures how far predictions are from targets by ½(y - t)² up to an error of δ and δ·(|y - t| - ½δ) beyond, so that
 * outliers pull with a bounded force; averaged as `meanSquaredError` does.
 *
 * @param predictions - y, float32, of any shape.
 * @param targets - t, of the same shape.
 * @throws When the shapes or types do not fit, δ is not positive, or an option is unknown.
 * @see Huber, Robust estimation of a location parameter (1964).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { huberLoss } from '@steppe/models';
 *
 * console.log(huberLoss(tf.tensor1d([0.5, 10]), tf.tensor1d([0, 0])).arraySync()); // => 4.8125
 * ```
 */
export function huberLoss(predictions: Tensor, targets: Tensor, options: HuberOptions = {}): Scalar {
  checkOptions('huberLoss', options, ['weights', 'delta']);
  const { delta = 1 } = options;
  checkNumber('delta', delta, positive);
  checkEntries('predictions', predictions, targets, options);
  return pure(() =>
    meanOverEntries(predictions, targets, options, (y, t) => {
      // With c = clip(y - t) both branches are c·(y - t - c/2): nothing overflows in the branch that is not taken.
      const error = tf.sub(y, t);
      const clipped = tf.clipByValue(error, -delta, delta);
      return tf.mul(clipped, tf.sub(error, tf.mul(clipped, 0.5)));
    }),
  );
}
