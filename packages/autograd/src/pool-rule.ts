import type { GradSaveFunc, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { kernel } from './rule.ts';

/** The attributes of tfjs's pooling kernels. */
export type PoolAttrs = {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** Where the windows of a pool lie on an image. */
function poolInfo(image: Tensor, attrs: PoolAttrs): ReturnType<typeof tf.backend_util.computePool2DInfo> {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  return tf.backend_util.computePool2DInfo((image as Tensor4D).shape, filterSize, strides, 1, pad, dimRoundingMode);
}

function atMaxima(x: Tensor4D, values: Tensor4D, attrs: PoolAttrs): Tensor4D {
  const info = poolInfo(x, attrs);
  const { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info;
  const below = (size: number, before: number, out: number, stride: number, window: number): number =>
    Math.max(0, (out - 1) * stride + window - before - size);
  const border: [number, number][] = [
    [0, 0],
    [padInfo.top, below(x.shape[1], padInfo.top, outHeight, strideHeight, filterHeight)],
    [padInfo.left, below(x.shape[2], padInfo.left, outWidth, strideWidth, filterWidth)],
    [0, 0],
  ];
  const padded = tf.pad(x, border, Number.NEGATIVE_INFINITY);
  const paddedValues = tf.pad(values, border);
  const shifted = (source: Tensor, i: number, j: number): Tensor =>
    tf.stridedSlice(
      source,
      [0, i, j, 0],
      [x.shape[0], i + (outHeight - 1) * strideHeight + 1, j + (outWidth - 1) * strideWidth + 1, x.shape[3]],
      [1, strideHeight, strideWidth, 1],
    );
  let largest = shifted(padded, 0, 0);
  let taken = shifted(paddedValues, 0, 0);
  for (let i = 0; i < filterHeight; i++)
    for (let j = i === 0 ? 1 : 0; j < filterWidth; j++) {
      const candidate = shifted(padded, i, j);
      const larger = tf.greater(candidate, largest);
      largest = tf.where(larger, candidate, largest);
      taken = tf.where(larger, shifted(paddedValues, i, j), taken);
    }
  return taken as Tensor4D;
}

/**
 * Takes from `values` the entries at the places where max-pooling takes its maxima from `x`, the first one of equals.
 *
 * Max-pooling is linear around x, so this is its directional derivative, and the derivative of `MaxPoolGrad` with
 * respect to dy; and `MaxPoolGrad` is the derivative of this, so derivatives of any order are closed.
 *
 * @param x - [batch, height, width, channels], what was pooled.
 * @param y - What came out.
 * @param values - Of the shape of x.
 * @returns [batch, pooled height, pooled width, channels].
 */
export function maxPoolValues(x: Tensor, y: Tensor, values: Tensor, attrs: PoolAttrs): Tensor {
  const op = tf.customGrad((values, x, y, save) => {
    (save as GradSaveFunc)([x as Tensor, y as Tensor]);
    const gradFunc = (dy: Tensor, [input, output]: Tensor[]): Tensor[] => [
      kernel(tf.MaxPoolGrad, { dy, input: input as Tensor, output: output as Tensor }, attrs),
      tf.zerosLike(input as Tensor),
      tf.zerosLike(output as Tensor),
    ];
    return { value: atMaxima(x as Tensor4D, values as Tensor4D, attrs), gradFunc };
  });
  // The tape knows it by the name of the scope.
  return tf.tidy('MaxPoolValues', () => op(values, x, y));
}

/**
 * How much more a cell weighs in the average of each window than in one that lies inside of the image: area / cells
 * inside; `null` where no window reaches out.
 *
 * `AvgPool` averages over the cells inside, while `AvgPoolGrad`, its transpose in tfjs, divides by the area of the
 * window.
 *
 * @throws When the rounding of the shape is not the one that `AvgPoolGrad` assumes.
 */
export function borderWeights(image: Tensor, attrs: PoolAttrs): Tensor | null {
  const info = poolInfo(image, attrs);
  const { outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, inHeight, inWidth, padInfo } =
    info;
  const { dimRoundingMode: _, ...rest } = attrs;
  const assumed = poolInfo(image, rest);
  if (assumed.outHeight !== outHeight || assumed.outWidth !== outWidth)
    throw new Error(
      `The gradient of AvgPool does not support dimRoundingMode "${attrs.dimRoundingMode}": pad the image.`,
    );
  const weights = (out: number, stride: number, filter: number, size: number, before: number): number[] =>
    Array.from({ length: out }, (_, i) => {
      const start = i * stride - before;
      return filter / (Math.min(size, start + filter) - Math.max(0, start));
    });
  const rows = weights(outHeight, strideHeight, filterHeight, inHeight, padInfo.top);
  const columns = weights(outWidth, strideWidth, filterWidth, inWidth, padInfo.left);
  if ([...rows, ...columns].every((weight) => weight === 1)) return null;
  return tf.mul(tf.tensor(rows, [1, outHeight, 1, 1]), tf.tensor(columns, [1, 1, outWidth, 1]));
}
