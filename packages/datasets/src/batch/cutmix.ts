import { bits, foldIn, type Key } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Box, place } from '../place.ts';
import { masked } from './blank.ts';
import { checkMix, drawMix, type MixBatch, type MixedBatch, type MixOptions, mixLabels } from './mix-batch.ts';

/** The box around a random pixel that takes the share 1 - λ of an image, cut where it hangs over the edge. */
function drawCut(key: Key, lambda: number, height: number, width: number): Box {
  const words = bits(foldIn(key, 2), 2);
  const [y, x] = [place(words[0], height), place(words[1], width)];
  const half = 0.5 * Math.sqrt(1 - lambda);
  const [down, right] = [Math.floor(half * height), Math.floor(half * width)];
  return {
    top: Math.max(y - down, 0),
    bottom: Math.min(y + down, height),
    left: Math.max(x - right, 0),
    right: Math.min(x + right, width),
  };
}

/**
 * Puts a rectangle of another image into each image of a batch, and mixes the labels in the shares of their areas.
 *
 * The rectangle is drawn once for a batch: it takes 1 - λ of the area with λ ~ Beta(α, α) where it does not hang over
 * the edge, and the labels tell what it takes indeed. It runs on the device; the given batch stays as it is.
 *
 * @returns Labels as distributions, float32, `[batch, classes]`; NaN for a class number out of range.
 * @throws When an option is unknown or out of range, or the labels do not fit.
 * @see Yun et al., CutMix (ICCV 2019, arXiv 1905.04899), equations 1 and 2; torchvision.transforms.v2.CutMix
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cutmix } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const labels = tf.tensor1d([0, 1, 2, 1], 'int32');
 * const mixed = cutmix(key(0), { images: tf.ones([4, 8, 8, 3]), labels }, { classes: 3 });
 * console.log(mixed.images.shape, tf.sum(mixed.labels).arraySync()); // => [ 4, 8, 8, 3 ] 4
 * ```
 */
export function cutmix(key: Key, batch: MixBatch, options: MixOptions): MixedBatch {
  checkMix('cutmix', key, batch, options);
  const { images, labels } = batch;
  const [examples, height, width] = images.shape;
  const [lambda, partners] = drawMix(key, options.alpha ?? 1, examples);
  const box = drawCut(key, lambda, height, width);
  const kept = 1 - ((box.bottom - box.top) * (box.right - box.left)) / (height * width);
  return tf.tidy(() => {
    const others = tf.tensor1d(partners, 'int32');
    const mask = tf.tensor4d(
      masked([1, height, width], () => box),
      [1, height, width, 1],
      'float32',
    );
    return {
      images: tf.add<Tensor4D>(tf.mul(images, mask), tf.mul(tf.gather(images, others), tf.sub(1, mask))),
      labels: mixLabels(labels, others, kept, options.classes),
    };
  });
}
