import type { Key } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkWindows } from '../checks.ts';
import { heNormal } from './he-normal.ts';
import { type Padding, padOf } from './padding.ts';

/** Holds the kernel `[height, width, in, out]` of a convolution without bias. */
export type ConvParams = { readonly kernel: Tensor4D };

/**
 * Draws the parameters of a square convolution without bias.
 *
 * @param size - The side of the kernel in pixels, odd.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initConv } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(initConv(key(0), 3, 16, 32).kernel.shape); // => [ 3, 3, 16, 32 ]
 * ```
 */
export function initConv(key: Key, size: number, inChannels: number, outChannels: number): ConvParams {
  checkCounts({ size, inChannels, outChannels });
  return { kernel: heNormal(key, [size, size, inChannels, outChannels]) };
}

/**
 * Convolves images with a kernel that stands on every `stride`-th pixel, the first included; zeros surround the image.
 *
 * The padding is (size - 1) / 2 on every side, as published for residual networks. TensorFlow's `same` pads a stride of
 * 2 on one side only, which moves the kernel one pixel away from a shortcut beside it.
 *
 * @param x - Images `[batch, height, width, in]`.
 * @param stride - The step of the kernel in pixels.
 * @param padding - `symmetric`, or `same` as in networks that were published for TensorFlow.
 * @returns Images `[batch, ⌈height / stride⌉, ⌈width / stride⌉, out]`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { conv, initConv } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(conv(initConv(key(0), 3, 1, 16), tf.ones([2, 7, 7, 1]), 2).shape); // => [ 2, 4, 4, 16 ]
 * ```
 */
export function conv(params: ConvParams, x: Tensor4D, stride = 1, padding: Padding = 'symmetric'): Tensor4D {
  checkWindows(params, x, stride, padding);
  const [size] = params.kernel.shape;
  return pure(() => tf.conv2d(x, params.kernel, stride, padOf(padding, size)));
}
