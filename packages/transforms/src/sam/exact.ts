import { asScalar, norm, type Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** The signs of numbers, right for every float32: `tf.sign` on WASM takes what is below 1.2e-7 for zero. 2¹²⁶ twice
 * takes the smallest number above 1. */
export const signs = (x: Tensor): Tensor => tf.clipByValue(tf.mul(tf.mul(x, 2 ** 126), 2 ** 126), -1, 1);

/** 1 for a tree of finite numbers, NaN where one is not: a factor that lets nobody overlook it. */
export const oneIfFinite = (tree: Tree, largest: Scalar = norm(tree, Number.POSITIVE_INFINITY)): Scalar =>
  asScalar(tf.where(tf.less(largest, Number.POSITIVE_INFINITY), 1, Number.NaN));
