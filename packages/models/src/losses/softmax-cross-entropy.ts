import { checkOneOf, checkOptions } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** What the cross entropy compares with. */
export type CrossEntropyOptions = {
  /** The share s of the target that is taken from the label and spread, from 0 to 1. @defaultValue 0 */
  readonly smoothing?: number;
  /**
   * Where the share goes. `'all'`: evenly over all classes, t = (1 - s)·onehot + s/C (Szegedy et al.; the paper's
   * code). `'others'`: evenly over the other classes, and the loss is KL(t‖softmax), without the target's entropy
   * (davda54/sam).
   * @defaultValue 'all'
   */
  readonly spread?: 'all' | 'others';
};

/** Σ t·log t of a smoothed target of the convention `'others'`: a constant, 0·log 0 = 0. */
function negativeEntropy(smoothing: number, classes: number): number {
  const term = (t: number) => (t > 0 ? t * Math.log(t) : 0);
  return term(1 - smoothing) + (classes - 1) * term(smoothing / (classes - 1));
}

/**
 * Measures how far the softmax of logits is from labels: -Σ_c t_c · log softmax(z)_c, averaged over the batch, in nats.
 *
 * Logits of any finite size are safe, and derivatives of any order are exact, which does not hold for
 * `tf.losses.softmaxCrossEntropy`. A label outside of the classes counts as an all-zero target.
 *
 * @param logits - z, `[batch, classes]`, float32.
 * @param labels - `[batch]`, int32, from 0 to classes - 1.
 * @throws When the shapes or the type of the labels do not fit, the smoothing is outside of [0, 1], or an option is
 * unknown.
 * @see Szegedy et al., Rethinking the Inception architecture, CVPR 2016, section 7, for label smoothing.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { softmaxCrossEntropy } from '@steppe/models';
 *
 * const [logits, labels] = [tf.tensor2d([[2, -1, 0.5]]), tf.tensor1d([2], 'int32')];
 * console.log(softmaxCrossEntropy(logits, labels, { smoothing: 0.1 }).arraySync().toFixed(4)); // => 1.7413
 * console.log(softmaxCrossEntropy(logits, labels, { smoothing: 0.1, spread: 'others' }).arraySync().toFixed(4)); // => 1.3469
 * ```
 */
export function softmaxCrossEntropy(logits: Tensor2D, labels: Tensor1D, options: CrossEntropyOptions = {}): Scalar {
  checkOptions('softmaxCrossEntropy', options, ['smoothing', 'spread']);
  const { smoothing = 0, spread = 'all' } = options;
  checkOneOf('spread', spread, ['all', 'others']);
  const [batch, classes] = logits.shape;
  if (!(smoothing >= 0 && smoothing <= 1)) throw new Error(`Label smoothing lies in [0, 1], got ${smoothing}.`);
  if (labels.dtype !== 'int32' || labels.rank !== 1 || labels.shape[0] !== batch)
    throw new Error(
      `Labels must be int32 [${batch}] for logits [${logits.shape}], got ${labels.dtype} [${labels.shape}].`,
    );
  return pure(() => {
    const logProbabilities = logSoftmax(logits);
    // One-hot times logits, not a gather, whose gradient is slower; and a cast, since WASM's float32 one-hot is all
    // zeros.
    const oneHot = tf.cast(tf.oneHot(labels, classes), 'float32');
    const rest = spread === 'all' ? smoothing / classes : smoothing / (classes - 1);
    const target =
      smoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - smoothing - (spread === 'all' ? 0 : rest)), rest);
    const crossEntropy = tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(target, logProbabilities), -1)));
    return spread === 'all' || smoothing === 0
      ? crossEntropy
      : tf.add(crossEntropy, negativeEntropy(smoothing, classes));
  });
}

/**
 * Turns logits into log-probabilities along the last axis: z - log Σ_c exp(z_c), without overflow, exact to any
 * derivative.
 *
 * @param logits - `[..., classes]`, float32.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { logSoftmax } from '@steppe/models';
 *
 * console.log(logSoftmax(tf.tensor2d([[1000, 1000]])).arraySync()[0]?.map((x) => x.toFixed(4))); // => [ '-0.6931', '-0.6931' ]
 * ```
 */
export function logSoftmax<T extends tf.Tensor>(logits: T): T {
  return tf.logSoftmax(logits) as T;
}
