import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { foldIn, type Key, permutation } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type ColorJitterOptions, drawJitter } from '../bytes/color-jitter.ts';
import type { Normalization } from '../dataset.ts';
import { checkNormalization } from '../normalize.ts';
import type { BatchAugmentation } from './batch-augmentation.ts';
import { checkImages } from './check-images.ts';

/** How far colours are changed at most on the device. */
export type JitterBatchOptions = Omit<ColorJitterOptions, 'hue'>;

/** The grey of pixels in [0, 1]: 0.2989·r + 0.587·g + 0.114·b. */
const greyOf = (images: Tensor4D): Tensor4D =>
  images.shape[3] === 1 ? images : tf.sum(tf.mul(images, [0.2989, 0.587, 0.114]), 3, true);

/** What each change moves images away from, or toward. */
const origins: readonly ((images: Tensor4D) => tf.Tensor)[] = [
  (images) => tf.zerosLike(images),
  (images) => tf.mean(greyOf(images), [1, 2, 3], true),
  greyOf,
];

/** The factors of one change, one for each image, `[batch, 1, 1, 1]`; ones where it is not to happen. */
function factorsOf(key: Key, change: number, most: readonly number[], batch: number): Tensor4D {
  const factors = Array.from({ length: batch }, (_, i) => drawJitter(foldIn(key, i), most).factors[change] ?? 1);
  return tf.tensor4d(factors, [batch, 1, 1, 1], 'float32');
}

/**
 * Makes a colour jitter of batches on the device: brightness, contrast and saturation of each image change at random.
 *
 * The formulas are those of torchvision on tensors, clip(f·x + (1 - f)·origin, 0, 1), where the origin is black, the
 * mean of the grey, or the grey of the pixel. Image i has the factors that `colorJitter` draws with the key
 * `foldIn(key, i)`; the order of the changes is drawn once for a batch. Hues are turned on the host only.
 *
 * @param normalization - That of the images, which the colours are computed without: `split.normalization`.
 * @throws When an option is unknown or out of range; on use, when images have other than 1 or 3 channels.
 * @see torchvision.transforms.v2.ColorJitter
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { jitterBatch, normalizations } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const jitter = jitterBatch(normalizations.cifar10, { brightness: 0.4, saturation: 0.4 });
 * console.log(jitter(key(0), tf.zeros([8, 32, 32, 3])).shape); // => [ 8, 32, 32, 3 ]
 * ```
 */
export function jitterBatch(normalization: Normalization, options: JitterBatchOptions): BatchAugmentation {
  checkNormalization('normalization', normalization);
  const range = aNumber(nonNegative);
  checkOptions('jitterBatch', options, { brightness: range, contrast: range, saturation: range });
  const { brightness = 0, contrast = 0, saturation = 0 } = options;
  const most = [brightness, contrast, saturation, 0];
  const [mean, std] = [[...normalization.mean], [...normalization.std]];
  return (key, images) => {
    checkImages(images);
    const [batch, , , channels] = images.shape;
    if (channels !== mean.length || (channels !== 1 && channels !== 3))
      throw new Error(`jitterBatch takes images of 1 or 3 channels, as normalized, got ${channels} of ${mean.length}.`);
    return tf.tidy(() => {
      const changed = [...permutation(key, origins.length)]
        .filter((change) => most[change] !== 0)
        .reduce<Tensor4D>(
          (current, change) => {
            const f = factorsOf(key, change, most, batch);
            const origin = (origins[change] as (images: Tensor4D) => tf.Tensor)(current);
            return tf.clipByValue(tf.add<Tensor4D>(tf.mul(current, f), tf.mul(origin, tf.sub(1, f))), 0, 1);
          },
          tf.add(tf.mul(images, std), mean),
        );
      return tf.div<Tensor4D>(tf.sub(changed, mean), std);
    });
  };
}
