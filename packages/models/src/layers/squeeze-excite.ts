import { checkRecord } from '@steppe/check';
import { type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkKey, checkTensor, IMAGES } from '../checks.ts';
import { type Activation, activate } from './activation.ts';
import { type DenseParams, dense, type KernelInit } from './dense.ts';
import { heNormal } from './he-normal.ts';

/** Holds the two dense layers of a squeeze-and-excitation. */
export type SqueezeExciteParams = { readonly reduce: DenseParams; readonly expand: DenseParams };

/** As of a 1×1 convolution, which is what the layers are published as. */
const pointwise: KernelInit = (key, inFeatures, outFeatures) =>
  tf.tidy(() => tf.reshape(heNormal(key, [1, 1, inFeatures, outFeatures]), [inFeatures, outFeatures]));

/**
 * Draws the parameters of a squeeze-and-excitation.
 *
 * @param squeezed - Features between the two layers.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initSqueezeExcite } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const { reduce, expand } = initSqueezeExcite(key(0), 32, 8);
 * console.log(reduce.kernel.shape, expand.kernel.shape); // => [ 32, 8 ] [ 8, 32 ]
 * ```
 */
export function initSqueezeExcite(key: Key, channels: number, squeezed: number): SqueezeExciteParams {
  checkKey(key);
  checkCounts({ channels, squeezed });
  const [reduceKey, expandKey] = split(key);
  const layer = (of: Key, inFeatures: number, outFeatures: number): DenseParams => ({
    kernel: pointwise(of, inFeatures, outFeatures),
    bias: tf.zeros<tf.Rank.R1>([outFeatures]),
  });
  return { reduce: layer(reduceKey, channels, squeezed), expand: layer(expandKey, squeezed, channels) };
}

/**
 * Weighs the channels of each image by what is in all of it: x · σ(W₂·a(W₁·mean(x) + b₁) + b₂).
 *
 * @param x - Images `[batch, height, width, channels]`.
 * @param activation - The nonlinearity a; EfficientNets take `silu`.
 * @see Hu et al., Squeeze-and-excitation networks (2018), equations 2 to 4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { initSqueezeExcite, squeezeExcite } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(squeezeExcite(initSqueezeExcite(key(0), 8, 2), tf.ones([1, 4, 4, 8])).shape); // => [ 1, 4, 4, 8 ]
 * ```
 */
export function squeezeExcite(params: SqueezeExciteParams, x: Tensor4D, activation: Activation = 'relu'): Tensor4D {
  checkRecord('params', params);
  checkTensor('x', x, IMAGES);
  const [batch, , , channels] = x.shape;
  return pure(() => {
    const squeezed = activate(activation, dense(params.reduce, tf.mean<Tensor2D>(x, [1, 2])));
    const gates = tf.sigmoid(dense(params.expand, squeezed));
    return tf.mul<Tensor4D>(x, tf.reshape(gates, [batch, 1, 1, channels]));
  });
}
