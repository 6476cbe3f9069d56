import { checkFunction } from '@steppe/check';
import { type Key, uniform } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkKey, checkTensor, checkTensors } from '../checks.ts';

/** Holds the kernel `[in, out]` and the bias `[out]` of a dense layer. */
export type DenseParams = { readonly kernel: Tensor2D; readonly bias: Tensor1D };

/** Draws the kernel `[in, out]` of a dense layer. */
export type KernelInit = (key: Key, inFeatures: number, outFeatures: number) => Tensor2D;

/** Draws a kernel uniform in ±1/√out, as in the paper's code. */
const inOutputs: KernelInit = (key, inFeatures, outFeatures) => {
  const bound = 1 / Math.sqrt(outFeatures);
  return uniform<tf.Rank.R2>(key, [inFeatures, outFeatures], -bound, bound);
};

/**
 * Draws a kernel that keeps the variance of values and gradients: uniform in ±√(6 / (in + out)), as in Vision
 * Transformers.
 *
 * @see Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), equation 16.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { initDense, xavierUniform } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const { kernel } = initDense(key(0), 100, 50, xavierUniform);
 * const largest = tf.max<tf.Scalar>(tf.abs(kernel)).arraySync();
 * console.log(largest <= Math.sqrt(6 / 150) + 1e-7); // => true
 * ```
 */
export const xavierUniform: KernelInit = (key, inFeatures, outFeatures) => {
  checkKey(key);
  checkCounts({ inFeatures, outFeatures });
  const bound = Math.sqrt(6 / (inFeatures + outFeatures));
  return uniform<tf.Rank.R2>(key, [inFeatures, outFeatures], -bound, bound);
};

/**
 * Draws the parameters of a dense layer: the bias zero, the kernel uniform in ±1/√out, as in the paper's code, or as
 * `kernel` draws it.
 *
 * @see google-research/sam, sam_jax/models/utils.py: other initializations gave about 0.5 % more error on CIFAR-100.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initDense } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(initDense(key(0), 64, 10).kernel.shape); // => [ 64, 10 ]
 * ```
 */
export function initDense(
  key: Key,
  inFeatures: number,
  outFeatures: number,
  kernel: KernelInit = inOutputs,
): DenseParams {
  checkKey(key);
  checkCounts({ inFeatures, outFeatures });
  checkFunction('kernel', kernel);
  return { kernel: kernel(key, inFeatures, outFeatures), bias: tf.zeros<tf.Rank.R1>([outFeatures]) };
}

/**
 * Maps features to outputs, those of each example, token or pixel alike: x·W + b.
 *
 * @param x - Features `[..., in]`, of rank 2 at least.
 * @returns Outputs `[..., out]`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { dense } from '@steppe/models';
 *
 * const params = { kernel: tf.tensor2d([[1], [2]]), bias: tf.tensor1d([0.5]) };
 * console.log(dense(params, tf.tensor2d([[3, 4]])).arraySync()); // => [ [ 11.5 ] ]
 * console.log(dense(params, tf.ones([2, 5, 2])).shape); // => [ 2, 5, 1 ]
 * ```
 */
export function dense<T extends Tensor>(params: DenseParams, x: T): T {
  checkTensors('params', params, ['kernel', 'bias']);
  checkTensor('x', x);
  const [inFeatures, outFeatures] = params.kernel.shape;
  return pure(() => {
    // One product of matrices: batches of them are slow on some backends.
    const rows = x.rank === 2 ? x : tf.reshape(x, [-1, inFeatures]);
    const y = tf.add(tf.matMul(rows as Tensor, params.kernel), params.bias);
    return (x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), outFeatures])) as T;
  });
}
