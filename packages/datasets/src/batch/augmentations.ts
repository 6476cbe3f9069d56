import { foldIn } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { checkPad, drawShift, reflect } from '../crop.ts';
import { checkLength } from '../cutout.ts';
import { checkProbability, isFlipped } from '../flip.ts';
import { squareAround } from '../place.ts';
import { drawErasing, erasingNoise, type RandomErasingOptions, readErasing } from '../random-erasing.ts';
import type { BatchAugmentation } from './batch-augmentation.ts';
import { blank } from './blank.ts';
import { checkImages } from './check-images.ts';
import { rearrange } from './rearrange.ts';

const same = (at: number): number => at;

/**
 * Mirrors each image of a batch left to right with a probability, on the device.
 *
 * Image i of the batch becomes what `horizontalFlip` makes of it with the key `foldIn(key, i)`.
 *
 * @throws When `probability` is not within [0, 1].
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { flipBatch } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const images = tf.tensor4d([1, 2, 3], [1, 1, 3, 1]);
 * console.log([...flipBatch(1)(key(0), images).dataSync()]); // => [ 3, 2, 1 ]
 * ```
 */
export function flipBatch(probability = 0.5): BatchAugmentation {
  checkProbability(probability);
  return (key, images) =>
    rearrange(key, images, (own, [, width]) => ({
      row: same,
      column: isFlipped(own, probability) ? (x) => width - 1 - x : same,
    }));
}

/**
 * Shifts each image of a batch by up to `pad` pixels in each direction, on the device, filling by reflection.
 *
 * Image i of the batch becomes what `reflectCrop` makes of it with the key `foldIn(key, i)`.
 *
 * @throws When `pad` is not a whole number; on use, when images have a side of `pad` pixels or less.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cropBatch } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * console.log(cropBatch(4)(key(0), tf.ones([2, 8, 8, 3])).shape); // => [ 2, 8, 8, 3 ]
 * ```
 */
export function cropBatch(pad = 4): BatchAugmentation {
  checkPad(pad);
  return (key, images) =>
    rearrange(key, images, (own, shape) => {
      const [down, right] = drawShift(own, pad, shape);
      return { row: (y) => reflect(y + down, shape[0]), column: (x) => reflect(x + right, shape[1]) };
    });
}

/**
 * Blanks a square around a random pixel of each image of a batch, on the device.
 *
 * Image i of the batch becomes what `cutout` makes of it with the key `foldIn(key, i)`.
 *
 * @throws When `length` is not a whole number of pixels.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cutoutBatch } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * console.log(tf.sum(cutoutBatch(1)(key(0), tf.ones([2, 8, 8, 1]))).arraySync()); // => 126
 * ```
 */
export function cutoutBatch(length = 16): BatchAugmentation {
  checkLength(length);
  return (key, images) => blank(key, images, (own, shape) => squareAround(own, length, shape));
}

/**
 * Erases a random rectangle of each image of a batch with a probability, on the device.
 *
 * Image i of the batch becomes what `randomErasing` makes of it with the key `foldIn(key, i)`.
 *
 * @throws When an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { erasingBatch } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const erase = erasingBatch({ probability: 1, scale: [0.25, 0.25], ratio: [1, 1] });
 * console.log(tf.sum(erase(key(0), tf.ones([2, 8, 8, 1]))).arraySync()); // => 96
 * ```
 */
export function erasingBatch(options: RandomErasingOptions = {}): BatchAugmentation {
  const erasing = readErasing('erasingBatch', options);
  const { value } = erasing;
  return (key, images) => {
    checkImages(images);
    const [batch] = images.shape;
    const size = images.size / batch;
    const filled = (mask: tf.Tensor4D): tf.Tensor4D => {
      const erased = tf.sub(1, mask);
      if (value !== 'random') return tf.mul(erased, value);
      const noise = new Float32Array(images.size);
      for (let i = 0; i < batch; i += 1) noise.set(erasingNoise(foldIn(key, i), size), i * size);
      return tf.mul(erased, tf.tensor4d(noise, images.shape, 'float32'));
    };
    return blank(key, images, (own, shape) => drawErasing(own, erasing, shape), value === 0 ? undefined : filled);
  };
}
