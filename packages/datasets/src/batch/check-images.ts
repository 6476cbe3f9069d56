import { shown } from '@steppe/check';
import * as tf from '@tensorflow/tfjs-core';

/** Refuses what is no batch of images: of another rank, rows would be taken for images. */
export function checkImages(images: unknown): void {
  if (images instanceof tf.Tensor && images.rank === 4 && images.dtype === 'float32') return;
  const got = images instanceof tf.Tensor ? `${images.dtype} [${images.shape}]` : shown(images);
  throw new Error(`Images must be a float32 tensor [batch, height, width, channels], got ${got}.`);
}
