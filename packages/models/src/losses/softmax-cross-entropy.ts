import { type Check, checkOptions, oneOf, shown } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkClassLabels, readClassLabels } from './class-labels.ts';
import { type LabelOptions, labelOptionNames } from './label-options.ts';
import { only, share, total } from './weighting.ts';

/** What the cross entropy compares with. */
export type CrossEntropyOptions = LabelOptions & {
  /** The share s of the target that is taken from the label and spread, from 0 to 1. @defaultValue 0 */
  readonly smoothing?: number;
  /**
   * Where the share goes, for C classes and labels q, one-hot or soft. `'all'`: evenly over all classes,
   * t = (1 - s)·q + s/C (Szegedy et al.; the paper's code). `'others'`: from each class evenly over the others,
   * t = (1 - s)·q + s·(1 - q)/(C - 1), and the loss is KL(t‖softmax) = Σ_c t_c·(log t_c - log softmax(z)_c), without
   * the target's entropy, that of soft labels included, for every s from 0 on (davda54/sam). The entropy does not
   * depend on the logits: gradients are those of the cross entropy with t.
   * @defaultValue 'all'
   */
  readonly spread?: 'all' | 'others';
};

/** The checks of the options of the cross entropy; those of labels are held to the shapes later. */
export const crossEntropyOptions: { readonly [option: string]: Check } = {
  smoothing: (_, s) => {
    if (typeof s !== 'number' || !(s >= 0 && s <= 1))
      throw new Error(`Label smoothing is a number that lies in [0, 1], got ${shown(s)}.`);
  },
  spread: oneOf('all', 'others'),
  ...Object.fromEntries(labelOptionNames.map((option) => [option, () => {}])),
};

/** Below every float32 that matters, and no denormal: its logarithm is finite. */
const tiny = 1e-37;

function smooth(target: Tensor, smoothing: number, spread: 'all' | 'others', classes: number): Tensor {
  if (smoothing === 0) return target;
  const rest = smoothing / (spread === 'all' ? classes : classes - 1);
  return tf.add(tf.mul(target, 1 - smoothing - (spread === 'all' ? 0 : rest)), rest);
}

/**
 * Measures how far the softmax of logits is from labels: -Σ_c k_c · t_c · log softmax(z)_c, in nats, averaged over the
 * examples by their weights, Σ w_i·l_i / Σ w_i.
 *
 * An example's weight is its own times Σ_c k_c · t_c, the weight of its class (before smoothing), both 1 unless given,
 * and 0 where it is ignored; `labelWeight` gives their sum. An example of weight 0 has no influence, and where nothing
 * counts the loss is 0 with zero gradients. As in PyTorch, but for two cases: for soft labels with class weights, whose
 * sum PyTorch divides by the number of examples, so that one-hot labels give another number there than class numbers
 * do; and for a class of weight 0 with smoothing, whose examples still pull there.
 *
 * Logits of any finite size are safe, an infinite negative one too where its target is 0, and derivatives of any order
 * are exact, which does not hold for `tf.losses.softmaxCrossEntropy`. A class number that is no class and not `ignore`
 * makes the loss NaN: to refuse it would read from the device at every step.
 *
 * @param logits - z, `[batch, ..., classes]`, float32, of two classes at least.
 * @param labels - Class numbers, `[batch, ...]`, int32, from 0 to classes - 1; or, in the shape of the logits, how much
 * of each class an example is: one-hot (of any type), or shares that sum to 1, as mixup and distillation make them.
 * @throws When the shapes or types do not fit, there is one class only, the smoothing is outside of [0, 1], or an option
 * is unknown.
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
 *
 * const [tokens, padded] = [tf.zeros([1, 4, 8]), tf.tensor2d([[3, 7, -1, -1]], [1, 4], 'int32')];
 * console.log(softmaxCrossEntropy(tokens, padded, { ignore: -1 }).arraySync().toFixed(4)); // => 2.0794
 * ```
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Scalar {
  checkOptions('softmaxCrossEntropy', options, crossEntropyOptions);
  const { smoothing = 0, spread = 'all' } = options;
  checkClassLabels(logits, labels, options);
  return pure(() => {
    const { target, classWeights, counted, own, whole, wrong } = readClassLabels(logits.shape, labels, options);
    const t = smooth(target, smoothing, spread, logits.shape.at(-1) ?? 1);
    const logProbabilities = logSoftmax(only(counted, logits));
    const distance =
      spread === 'others' ? tf.sub(tf.log(tf.maximum(t, tiny)), logProbabilities) : tf.neg(logProbabilities);
    // Where the target is 0 a logit may be -∞, whose product with 0 would be NaN.
    const byClass = tf.mul(t, tf.where(tf.equal(t, 0), 0, distance));
    const losses = tf.sum(classWeights === undefined ? byClass : tf.mul(byClass, classWeights), -1);
    return share(total(own === undefined ? losses : tf.mul(losses, own)), whole, wrong);
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
