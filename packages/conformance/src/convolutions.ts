import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, gradientCase, reals, valueCase } from './case.ts';

type Pad = Parameters<typeof tf.conv2d>[3];

const convolution = (name: string, x: number[], filter: number[], stride: number | [number, number], pad: Pad): Case =>
  gradientCase(`Conv2D, ${name}`, [reals(x), reals(filter)], (image: Tensor4D, w: Tensor4D) =>
    tf.conv2d(image, w, stride, pad),
  );

const depthwise = (name: string, x: number[], filter: number[], stride: number, pad: 'same' | 'valid'): Case =>
  gradientCase(`DepthwiseConv2dNative, ${name}`, [reals(x), reals(filter)], (image: Tensor4D, w: Tensor4D) =>
    tf.depthwiseConv2d(image, w, stride, pad),
  );

/** Convolutions with the gradients for image and filter, and batch normalization. */
export const convolutionCases: readonly Case[] = [
  convolution('3 by 3, same', [2, 6, 5, 3], [3, 3, 3, 5], 1, 'same'),
  convolution('3 by 3, valid', [2, 6, 5, 3], [3, 3, 3, 5], 1, 'valid'),
  convolution('3 by 3, stride 2, same', [2, 8, 8, 4], [3, 3, 4, 8], 2, 'same'),
  convolution('3 by 3, stride 2, padded by 1', [2, 8, 8, 4], [3, 3, 4, 8], 2, 1),
  convolution('3 by 3, padded unevenly', [1, 6, 5, 2], [3, 3, 2, 3], 1, [
    [0, 0],
    [1, 2],
    [0, 1],
    [0, 0],
  ]),
  convolution('3 by 3, one channel', [2, 6, 6, 1], [3, 3, 1, 16], 1, 'same'),
  convolution('3 by 3, 17 channels', [1, 4, 4, 17], [3, 3, 17, 19], 1, 'same'),
  convolution('1 by 1', [2, 4, 5, 6], [1, 1, 6, 9], 1, 'same'),
  convolution('1 by 1, stride 2', [2, 6, 6, 4], [1, 1, 4, 8], 2, 'valid'),
  convolution('2 by 4, strides 1 and 3', [1, 7, 9, 2], [2, 4, 2, 3], [1, 3], 'valid'),
  convolution('4 by 4 patches', [2, 8, 8, 3], [4, 4, 3, 6], 4, 'valid'),
  valueCase(
    'Conv2D, dilated',
    [reals([1, 8, 7, 2]), reals([3, 3, 2, 3])],
    (x: Tensor4D, w: Tensor4D) => tf.conv2d(x, w, 1, 'same', 'NHWC', 2),
    1e-5,
  ),
  valueCase(
    'FusedConv2D',
    [reals([1, 6, 5, 3]), reals([3, 3, 3, 4]), reals([4])],
    (x: Tensor4D, filter: Tensor4D, bias: Tensor1D) =>
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' }),
    1e-5,
  ),
  depthwise('3 by 3', [2, 6, 5, 5], [3, 3, 5, 1], 1, 'same'),
  depthwise('3 by 3, stride 2', [1, 8, 8, 3], [3, 3, 3, 1], 2, 'same'),
  depthwise('two filters a channel', [1, 6, 5, 3], [3, 3, 3, 2], 1, 'valid'),
  gradientCase(
    'FusedBatchNorm',
    [reals([2, 4, 3, 5]), reals([5]), reals([5], 0.5, 2), reals([5]), reals([5], 0.5, 2)],
    (x: Tensor4D, mean: Tensor1D, variance: Tensor1D, offset: Tensor1D, scale: Tensor1D) =>
      tf.batchNorm4d(x, mean, variance, offset, scale, 1e-3),
  ),
  gradientCase('batch normalization, composed', [reals([3, 4, 4, 5])], (x: Tensor4D) => {
    const centered = tf.sub(x, tf.mean(x, [0, 1, 2]));
    return tf.mul(centered, tf.rsqrt(tf.add(tf.mean(tf.square(centered), [0, 1, 2]), 1e-5)));
  }),
];
