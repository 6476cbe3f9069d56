import type { GradConfig, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';

type Attrs = { readonly size: [number, number]; readonly alignCorners: boolean; readonly halfPixelCenters: boolean };
type Resize = (images: Tensor4D, size: [number, number], alignCorners?: boolean, halfPixelCenters?: boolean) => Tensor;

/**
 * The gradient of resizing, which is a product with a constant matrix along the height and one along the width.
 *
 * The operation itself gives the matrices, as what it makes of the columns of an identity, so they are those of the
 * backend, whatever it rounds.
 */
const resizing = (kernelName: string, resize: Resize): GradConfig =>
  rule<Attrs>(kernelName, ['images'], (dy, [images], { size, alignCorners, halfPixelCenters }) => ({
    images: () => {
      const [batch, height, width, channels] = images.shape as [number, number, number, number];
      const [rows, columns] = size;
      const matrix = (from: number, to: number): Tensor => {
        const identity = tf.reshape(tf.eye(from), [1, from, 1, from]) as Tensor4D;
        return tf.reshape(resize(identity, [to, 1], alignCorners, halfPixelCenters), [to, from]);
      };
      // [batch, rows, columns, channels] to [rows, ...], to [height, batch, columns, channels], and so for the width.
      const byRows = tf.reshape(tf.transpose(dy, [1, 0, 2, 3]), [rows, batch * columns * channels]);
      const along = tf.reshape(tf.matMul(matrix(height, rows), byRows, true), [height, batch, columns, channels]);
      const byColumns = tf.reshape(tf.transpose(along, [2, 1, 0, 3]), [columns, batch * height * channels]);
      const across = tf.reshape(tf.matMul(matrix(width, columns), byColumns, true), [width, batch, height, channels]);
      return tf.transpose(across, [1, 2, 0, 3]);
    },
  }));

export const resizeRules: readonly GradConfig[] = [
  resizing(tf.ResizeNearestNeighbor, tf.image.resizeNearestNeighbor),
  resizing(tf.ResizeBilinear, tf.image.resizeBilinear),
];
