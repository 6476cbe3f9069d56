import { pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../options/networks/entry.ts';

/**
 * Says how a line of some pixels becomes one of others, `[to, from]`: pixels are areas, whose centres are compared, and
 * each new one is drawn between the two nearest old ones, as Pillow and torchvision enlarge.
 */
function interpolation(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i += 1) {
    const centre = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const left = Math.min(Math.floor(centre), from - 1);
    const right = Math.min(left + 1, from - 1);
    weights[i * from + left] = 1;
    if (right > left) {
      weights[i * from + right] = centre - left;
      weights[i * from + left] = 1 - (centre - left);
    }
  }
  return weights;
}

/** Interpolates the first axis of a tensor of four. */
function stretched(x: tf.Tensor4D, to: number): tf.Tensor4D {
  const [from, ...rest] = x.shape;
  const weights = tf.tensor2d(interpolation(from, to), [to, from]);
  return tf.reshape(tf.matMul(weights, tf.reshape(x, [from, -1])), [to, ...rest]);
}

/** Makes images of another size, `[batch, height, width, channels]`: two products of matrices, fast on every device. */
export function resizedImages(images: tf.Tensor4D, side: number): tf.Tensor4D {
  const rows = stretched(tf.transpose(images, [1, 0, 2, 3]), side);
  const columns = stretched(tf.transpose(rows, [2, 1, 0, 3]), side);
  return tf.transpose(columns, [1, 2, 0, 3]);
}

/** The same network for images of another size, which it makes as large as it wants them. */
export const enlarged = (network: Network, side: number): Network => ({
  init: (key, [, , channels]) => network.init(key, [side, side, channels]),
  apply: (params, state, images, options) =>
    pure(() => network.apply(params, state, resizedImages(images, side), options)),
});
