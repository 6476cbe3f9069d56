import { type Key, normal } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkKey, checkWindows } from '../checks.ts';
import type { ConvParams } from './conv.ts';
import { type Padding, padOf } from './padding.ts';

/**
 * Draws the kernel `[size, size, channels, 1]` of a depthwise convolution: normal with standard deviation √2 / size.
 *
 * @param size - The side of the kernel in pixels, odd.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initDepthwiseConv } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(initDepthwiseConv(key(0), 3, 32).kernel.shape); // => [ 3, 3, 32, 1 ]
 * ```
 */
export function initDepthwiseConv(key: Key, size: number, channels: number): ConvParams {
  checkKey(key);
  checkCounts({ size, channels });
  return {
    kernel: tf.tidy(() => tf.mul(normal<tf.Rank.R4>(key, [size, size, channels, 1]), Math.SQRT2 / size)),
  };
}

/**
 * Convolves every channel of images with a kernel of its own.
 *
 * @param x - Images `[batch, height, width, channels]`.
 * @param stride - The step of the kernel in pixels.
 * @param padding - `symmetric`, or `same` as in networks that were published for TensorFlow.
 * @returns Images `[batch, ⌈height / stride⌉, ⌈width / stride⌉, channels]`.
 * @see Howard et al., MobileNets (2017), section 3.1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { depthwiseConv, initDepthwiseConv } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(depthwiseConv(initDepthwiseConv(key(0), 5, 8), tf.ones([1, 7, 7, 8]), 2).shape); // => [ 1, 4, 4, 8 ]
 * ```
 */
export function depthwiseConv(params: ConvParams, x: Tensor4D, stride = 1, padding: Padding = 'symmetric'): Tensor4D {
  checkWindows(params, x, stride, padding);
  const [size] = params.kernel.shape;
  return pure(() => tf.depthwiseConv2d(x, params.kernel, stride, padOf(padding, size)));
}
