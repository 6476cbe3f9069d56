import type { Key } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { compose } from '../image.ts';
import { checkImages } from './check-images.ts';

/**
 * Changes the images of a batch at random on the device, `[batch, height, width, channels]`: the same key and images
 * always give the same images, on every backend but for rounding.
 *
 * What is drawn is drawn on the host and sent to the device; nothing is read back. The images stay the caller's, and so
 * are those that come back.
 */
export type BatchAugmentation = (key: Key, images: Tensor4D) => Tensor4D;

/**
 * Applies augmentations of batches one after the other, each with a key of its own, as `compose` does those of images.
 *
 * @throws When one is no function; on use, when the images are no float32 tensor of rank 4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { composeBatch, cropBatch, cutoutBatch, flipBatch } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const augment = composeBatch(flipBatch(), cropBatch(4), cutoutBatch(16));
 * console.log(augment(key(0), tf.ones([8, 32, 32, 3])).shape); // => [ 8, 32, 32, 3 ]
 * ```
 */
export function composeBatch(...augmentations: readonly BatchAugmentation[]): BatchAugmentation {
  const all = compose<Tensor4D>(...augmentations);
  // A clone, so that what comes back is never the given tensor itself.
  return (key, images) => {
    checkImages(images);
    return tf.tidy(() => tf.clone(all(key, images)));
  };
}
