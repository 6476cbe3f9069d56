import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, gradientCase, reals } from './case.ts';

/** Pools over windows that tile, overlap and reach over the border. */
export const poolCases: readonly Case[] = [
  gradientCase('MaxPool 2 by 2', [reals([2, 6, 4, 3])], (x: Tensor4D) => tf.maxPool(x, 2, 2, 'valid')),
  gradientCase('MaxPool 3 by 3, overlapping, same', [reals([2, 7, 6, 3])], (x: Tensor4D) =>
    tf.maxPool(x, 3, 2, 'same'),
  ),
  gradientCase('AvgPool 2 by 2', [reals([2, 6, 4, 3])], (x: Tensor4D) => tf.avgPool(x, 2, 2, 'valid')),
  gradientCase('AvgPool 3 by 3, overlapping', [reals([2, 7, 6, 3])], (x: Tensor4D) => tf.avgPool(x, 3, 2, 'valid')),
  gradientCase('AvgPool of the whole image', [reals([2, 5, 5, 3])], (x: Tensor4D) => tf.avgPool(x, 5, 1, 'valid')),
];
