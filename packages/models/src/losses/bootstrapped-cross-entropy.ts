import { aNumber, type Check, checkOptions, oneOf, weight } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkClassLabels, readClassLabels } from './class-labels.ts';
import { type LabelOptions, labelOptionNames } from './label-options.ts';
import { logSoftmax } from './softmax-cross-entropy.ts';
import { only, share, total } from './weighting.ts';

/** How far a network's own predictions stand beside the labels. */
export type BootstrapOptions = LabelOptions & {
  /** `'soft'`: its probabilities q; `'hard'`: its likeliest class, of equal ones a part each. @defaultValue 'hard' */
  readonly kind?: 'soft' | 'hard';
  /** The share β of the target that stays the label's, from 0 to 1. @defaultValue 0.8 of hard, 0.95 of soft */
  readonly keep?: number;
};

/** What of the target stays the label's in the experiments of Reed et al. */
const usual = { hard: 0.8, soft: 0.95 } as const;

const checks: { readonly [option: string]: Check } = {
  kind: oneOf('soft', 'hard'),
  keep: aNumber(weight),
  ...Object.fromEntries(labelOptionNames.map((option) => [option, () => {}])),
};

/** 1 at the likeliest class, of equal ones a part each: signs, whose derivatives of every order are 0. */
function likeliest(logProbabilities: Tensor): Tensor {
  const below = tf.sub(tf.max(logProbabilities, -1, true), logProbabilities);
  const isMost = tf.sub(1, tf.sign(below));
  return tf.div(isMost, tf.sum(isMost, -1, true));
}

/** Probabilities that come from logits may be 0 where their logarithm is -∞: their product is 0. */
const times = (target: Tensor, logProbabilities: Tensor): Tensor =>
  tf.mul(target, tf.where(tf.equal(target, 0), 0, logProbabilities));

/**
 * Measures how far the softmax q of logits is from labels that may be wrong, by trusting the network as well: the target
 * is β·t + (1 - β)·p, where p is the network's own prediction.
 *
 * Soft: L = -Σ_c [β·t_c + (1 - β)·q_c]·log q_c, whose gradient goes through both factors, as that of a cross entropy
 * and an entropy. Hard: L = -Σ_c [β·t_c + (1 - β)·z_c]·log q_c, where z is 1 at the likeliest class and a constant. With
 * β = 1 both are `softmaxCrossEntropy`. Weights and classes count as there, and the mean is the same.
 *
 * @param logits - `[batch, ..., classes]`, float32, of two classes at least.
 * @param labels - Class numbers, int32, `[batch, ...]`, or shares of the classes in the shape of the logits.
 * @throws When shapes or types do not fit, or an option is unknown or out of its range.
 * @see Reed et al., Training deep neural networks on noisy labels with bootstrapping (2014), equations 6 and 7
 * (arXiv:1412.6596)
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { bootstrappedCrossEntropy } from '@steppe/models';
 *
 * const [logits, wrong] = [tf.tensor2d([[4, 0]]), tf.tensor1d([1], 'int32')];
 * const loss = (keep: number) => bootstrappedCrossEntropy(logits, wrong, { keep }).arraySync().toFixed(3);
 * console.log(loss(1), loss(0.8), bootstrappedCrossEntropy(logits, wrong, { kind: 'soft' }).arraySync().toFixed(3)); // => 4.018 3.218 3.822
 * ```
 */
export function bootstrappedCrossEntropy(logits: Tensor, labels: Tensor, options: BootstrapOptions = {}): Scalar {
  checkOptions('bootstrappedCrossEntropy', options, checks);
  const { kind = 'hard', keep = usual[kind], ...labelOptions } = options;
  checkClassLabels(logits, labels, labelOptions);
  return pure(() => {
    const { target, classWeights, counted, own, whole, wrong } = readClassLabels(logits.shape, labels, labelOptions);
    const logProbabilities = logSoftmax(only(counted, logits));
    const predicted = kind === 'soft' ? tf.exp(logProbabilities) : likeliest(logProbabilities);
    const mixed = tf.add(
      tf.mul(times(target, logProbabilities), keep),
      tf.mul(times(predicted, logProbabilities), 1 - keep),
    );
    const byClass = classWeights === undefined ? mixed : tf.mul(mixed, classWeights);
    const losses = tf.neg(tf.sum(byClass, -1));
    return share(total(own === undefined ? losses : tf.mul(losses, own)), whole, wrong);
  });
}
