import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkTensor, checkTensors, IMAGES } from '../checks.ts';
import type { NormParams } from './batch-norm.ts';
import { standardized } from './layer-norm.ts';

/** Says how groups are normalized. */
export type GroupNormOptions = {
  /**
   * Added to the variance.
   *
   * @defaultValue 1e-5, as in PyTorch
   */
  readonly epsilon?: number;
};

/**
 * Normalizes groups of neighbouring channels of each image to mean 0 and variance 1 over the group and all pixels, then
 * scales and shifts every channel: batch normalization for batches too small for statistics, the same in training and in
 * evaluation.
 *
 * @param params - As `initLayerNorm(channels)` makes them.
 * @param x - Images `[batch, height, width, channels]`.
 * @param groups - Divides the channels; 1 normalizes the whole image, as many as channels each channel of it.
 * @throws When the channels do not fall into such groups, or an option is unknown.
 * @see Wu and He, Group normalization (2018), equation 7.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { groupNorm, initLayerNorm } from '@steppe/models';
 *
 * const x = tf.tensor4d([1, 10, 3, 30], [1, 2, 1, 2]);
 * console.log(groupNorm(initLayerNorm(2), x, 2).round().dataSync()); // => Float32Array(4) [ -1, -1, 1, 1 ]
 * ```
 */
export function groupNorm(params: NormParams, x: Tensor4D, groups: number, options: GroupNormOptions = {}): Tensor4D {
  checkOptions('groupNorm', options, { epsilon: aNumber(nonNegative) });
  checkTensors('params', params, ['scale', 'bias']);
  checkTensor('x', x, IMAGES);
  checkCounts({ groups });
  const { epsilon = 1e-5 } = options;
  const [batch, height, width, channels] = x.shape;
  if (channels % groups !== 0) throw new Error(`groups must divide the ${channels} channels, got ${groups}.`);
  return pure(() => {
    const parted = tf.reshape(x, [batch, height * width, groups, channels / groups]);
    const rows = tf.reshape(tf.transpose(parted, [0, 2, 1, 3]), [batch, groups, x.size / batch / groups]);
    const normed = tf.reshape(standardized(rows, epsilon), [batch, groups, height * width, channels / groups]);
    const y = tf.reshape<tf.Rank.R4>(tf.transpose(normed, [0, 2, 1, 3]), x.shape);
    return tf.add(tf.mul(y, params.scale), params.bias);
  });
}
