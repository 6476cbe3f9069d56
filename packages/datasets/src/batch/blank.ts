import { foldIn, type Key } from '@steppe/random';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../dataset.ts';
import type { Box } from '../place.ts';
import { checkImages } from './check-images.ts';

/** Ones, and zeros in the box of each image, `[batch, height, width, 1]`. */
export function masked(
  [batch, height, width]: readonly number[],
  boxOf: (example: number) => Box | undefined,
): Float32Array {
  const [rows, columns] = [height as number, width as number];
  const mask = new Float32Array((batch as number) * rows * columns).fill(1);
  for (let example = 0; example < (batch as number); example += 1) {
    const box = boxOf(example);
    if (box === undefined) continue;
    for (let row = box.top; row < box.bottom; row += 1) {
      const line = (example * rows + row) * columns;
      mask.fill(0, line + box.left, line + box.right);
    }
  }
  return mask;
}

/** Blanks a box in each image, which is drawn with a key of its own, and puts there what `fill` says of the mask. */
export function blank(
  key: Key,
  images: Tensor4D,
  draw: (key: Key, shape: Shape) => Box | undefined,
  fill?: (mask: Tensor4D) => Tensor4D,
): Tensor4D {
  checkImages(images);
  const [batch, height, width, channels] = images.shape;
  const mask = masked(images.shape, (example) => draw(foldIn(key, example), [height, width, channels]));
  return tf.tidy(() => {
    const kept = tf.tensor4d(mask, [batch, height, width, 1], 'float32');
    const rest = tf.mul<Tensor4D>(images, kept);
    return fill === undefined ? rest : tf.add<Tensor4D>(rest, fill(kept));
  });
}
