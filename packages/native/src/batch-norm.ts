import { BATCH_NORM_MAX_CHANNELS, BatchNorm } from '@steppe/kernels';
import { engine, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

/** How `trainingBatchNorm` normalizes. */
export type TrainingBatchNormOptions = {
  /** Added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number;
  /** Whether max(0, y) is taken in the same pass. @defaultValue false */
  readonly relu?: boolean;
};

/**
 * Normalizes every channel by the statistics of the batch: y = (x - μ) / √(σ² + ε) · scale + offset, in two passes over
 * memory, and its gradient in two more; written from basic operations it takes about thirty.
 *
 * It has gradients of every order, through μ and σ² too: the second, which Hessian products take, in two passes more,
 * those above through basic operations. For the mean and the variance that it returns it has none: they are there for
 * running statistics.
 *
 * @param x - `[..., channels]`, float32, on the backend `native`; at most 1024 channels.
 * @returns y, and the mean and the biased variance of each channel.
 * @throws When the shapes do not fit.
 *
 * @example
 * ```ts
 * import { registerNative, trainingBatchNorm } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * const { y, mean, variance } = trainingBatchNorm(tf.tensor2d([[2], [4]]), tf.ones([1]), tf.zeros([1]));
 * console.log(y.round().dataSync(), mean.dataSync()[0], variance.dataSync()[0]); // => Float32Array(2) [ -1, 1 ] 3 1
 * ```
 */
export function trainingBatchNorm<T extends Tensor>(
  x: T,
  scale: Tensor1D,
  offset: Tensor1D,
  { epsilon = 1e-5, relu = false }: TrainingBatchNormOptions = {},
): { readonly y: T; readonly mean: Tensor1D; readonly variance: Tensor1D } {
  const channels = x.shape.at(-1);
  if (
    channels === undefined ||
    channels > BATCH_NORM_MAX_CHANNELS ||
    scale.size !== channels ||
    offset.size !== channels
  ) {
    throw new Error(
      `x must have as many channels as scale and offset, ${BATCH_NORM_MAX_CHANNELS} at most, got [${x.shape}] and [${scale.shape}], [${offset.shape}].`,
    );
  }
  const outputs = engine().runKernel(BatchNorm, { x, scale, offset }, { epsilon, relu });
  const [y, mean, variance] = outputs as [T, Tensor1D, Tensor1D];
  return { y, mean, variance };
}
