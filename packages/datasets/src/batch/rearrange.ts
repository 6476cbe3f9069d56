import { foldIn, type Key } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../dataset.ts';
import { checkImages } from './check-images.ts';

/** Which row and which column of an image each row and each column of the new one shows. */
export type Source = {
  readonly row: (row: number) => number;
  readonly column: (column: number) => number;
};

/** Takes the pixels of each image from other places of it, which are drawn with a key of its own. */
export function rearrange(key: Key, images: Tensor4D, draw: (key: Key, shape: Shape) => Source): Tensor4D {
  checkImages(images);
  const [batch, height, width, channels] = images.shape;
  const from = new Int32Array(batch * height * width);
  for (let example = 0, at = 0; example < batch; example += 1) {
    const { row, column } = draw(foldIn(key, example), [height, width, channels]);
    for (let y = 0; y < height; y += 1) {
      const line = (example * height + row(y)) * width;
      for (let x = 0; x < width; x += 1, at += 1) from[at] = line + column(x);
    }
  }
  return tf.tidy(() => {
    const pixels = tf.reshape(images, [batch * height * width, channels]);
    return tf.reshape(tf.gather(pixels, tf.tensor1d(from, 'int32')), images.shape);
  });
}
