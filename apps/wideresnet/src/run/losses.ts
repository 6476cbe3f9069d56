import { bootstrappedCrossEntropy, logSoftmax, softmaxCrossEntropy } from '@steppe/models';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Options } from '../options/table.ts';

/** What decides the loss of a run. */
export type LossOptions = Pick<Options, 'label-smoothing'> & Partial<Pick<Options, 'bootstrap' | 'bootstrap-keep'>>;

/** The options of the loss that trusts the network, too; undefined where none does. */
function bootstrapOf({ bootstrap, 'bootstrap-keep': keep }: LossOptions) {
  return bootstrap === undefined ? undefined : { kind: bootstrap, ...(keep !== undefined && { keep }) };
}

/** The mean loss of logits, `[batch, classes]`, and labels, class numbers or shares of the classes. */
export function meanLoss(logits: Tensor2D, labels: Tensor1D | Tensor2D, options: LossOptions): Scalar {
  const bootstrap = bootstrapOf(options);
  return bootstrap === undefined
    ? softmaxCrossEntropy(logits, labels, { smoothing: options['label-smoothing'] })
    : bootstrappedCrossEntropy(logits, labels, bootstrap);
}

/** The loss of every example, `[batch]`, whose mean `meanLoss` is. */
export function eachLoss(logits: Tensor2D, labels: Tensor1D | Tensor2D, options: LossOptions): Tensor1D {
  const classes = logits.shape[1];
  const label = labels.rank === 2 ? labels : tf.oneHot(tf.cast(labels, 'int32'), classes);
  const log = logSoftmax(logits);
  const [smoothing, bootstrap] = [options['label-smoothing'], bootstrapOf(options)];
  if (bootstrap === undefined)
    return tf.neg(tf.sum(tf.mul(tf.add(tf.mul(label, 1 - smoothing), smoothing / classes), log), 1));
  const { kind, keep = kind === 'soft' ? 0.95 : 0.8 } = bootstrap;
  const own = kind === 'soft' ? tf.exp(log) : tf.oneHot(tf.argMax(log, 1), classes);
  return tf.neg(tf.sum(tf.mul(tf.add(tf.mul(label, keep), tf.mul(own, 1 - keep)), log), 1));
}
