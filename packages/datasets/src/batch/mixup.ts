import type { Key } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkMix, drawMix, type MixBatch, type MixedBatch, type MixOptions, mixLabels } from './mix-batch.ts';

/**
 * Mixes each image of a batch with another one, and the labels in the same shares: λ·x + (1 - λ)·x′, with λ ~ Beta(α, α).
 *
 * λ is drawn once for a batch, and the partners are a random order of it, as in the authors' code. It runs on the
 * device; the given batch stays as it is.
 *
 * @returns Labels as distributions, float32, `[batch, classes]`; NaN for a class number out of range.
 * @throws When an option is unknown or out of range, or the labels do not fit.
 * @see Zhang et al., mixup: Beyond empirical risk minimization (ICLR 2018, arXiv 1710.09412), equation 1
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { mixup } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const labels = tf.tensor1d([0, 1, 2, 1], 'int32');
 * const mixed = mixup(key(0), { images: tf.ones([4, 8, 8, 3]), labels }, { classes: 3, alpha: 0.2 });
 * console.log(mixed.labels.shape, tf.sum(mixed.labels).arraySync()); // => [ 4, 3 ] 4
 * ```
 */
export function mixup(key: Key, batch: MixBatch, options: MixOptions): MixedBatch {
  checkMix('mixup', key, batch, options);
  const { images, labels } = batch;
  const [lambda, partners] = drawMix(key, options.alpha ?? 1, images.shape[0]);
  return tf.tidy(() => {
    const others = tf.tensor1d(partners, 'int32');
    return {
      images: tf.add<Tensor4D>(tf.mul(images, lambda), tf.mul(tf.gather(images, others), 1 - lambda)),
      labels: mixLabels(labels, others, lambda, options.classes),
    };
  });
}
