import {
  aNumber,
  type Check,
  checkNumber,
  checkOneOf,
  checkOptions,
  finite,
  nonNegative,
  oneOf,
  weight,
} from '@steppe/check';
import { BATCH_NORM_MAX_CHANNELS, BatchNorm, type BatchNormAttrs, BatchNormEval } from '@steppe/kernels';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkTensor, checkTensors } from '../checks.ts';
import { acrossWorkers } from './across.ts';
import { hasKernel } from './kernels.ts';

/** Holds the learned scale and bias `[channels]` of a normalization. */
export type NormParams = { readonly scale: Tensor1D; readonly bias: Tensor1D };

/** Holds the running mean and variance `[channels]` of a normalization. */
export type NormState = { readonly mean: Tensor1D; readonly variance: Tensor1D };

/** Says how a normalization is applied. */
export type BatchNormOptions = {
  /** True normalizes by the batch and updates the running statistics; false normalizes by the running statistics. */
  readonly training: boolean;
  /**
   * What the running statistics keep of their past: r ← momentum · r + (1 - momentum) · batch.
   *
   * @defaultValue 0.9, as in the paper's code (PyTorch calls this 0.1)
   */
  readonly momentum?: number;
  /**
   * Added to the variance.
   *
   * @defaultValue 1e-5, as in the paper's code
   */
  readonly epsilon?: number;
  /**
   * Applies max(0, ·) to the result, in the same pass where the backend can.
   *
   * @defaultValue false
   */
  readonly relu?: boolean;
};

/** y, and the statistics of the batch, in two passes over memory instead of thirty; `undefined` where the backend has
 * no such kernel. */
function fused(
  { scale, bias }: NormParams,
  x: Tensor,
  epsilon: number,
  relu: boolean,
): readonly [Tensor, Tensor1D, Tensor1D] | undefined {
  if (scale.size > BATCH_NORM_MAX_CHANNELS || !hasKernel(BatchNorm)) return undefined;
  const attrs: BatchNormAttrs = { epsilon, relu };
  return tf.engine().runKernel(BatchNorm, { x, scale, offset: bias }, attrs) as [Tensor, Tensor1D, Tensor1D];
}

/** Averages over all axes but the last, inner axes first: a float32 sum of few terms rounds less than one of many. */
function channelMean(x: Tensor): Tensor1D {
  const inner = Array.from({ length: x.rank - 2 }, (_, i) => i + 1);
  return tf.mean(inner.length === 0 ? x : tf.mean(x, inner), 0);
}

const batchNormOptions: { readonly [option: string]: Check } = {
  training: () => {},
  momentum: aNumber(weight),
  epsilon: aNumber(nonNegative),
  relu: oneOf(true, false),
};

let warned = false;

/** Says once that statistics of one example are no statistics of the data. */
function warnOfOneExample(x: Tensor, channels: number): void {
  if (warned || x.shape[0] !== 1) return;
  warned = true;
  const values = x.size / channels;
  const what =
    values === 1
      ? 'one value a channel: the output is the bias, whatever the input, and no gradient goes through'
      : `the ${values} values a channel of a single example`;
  console.warn(
    `batchNorm in training has a batch of one example and normalizes by ${what}. Give it larger batches ` +
      '(a last batch of one can be left out), or training: false. This is said once.',
  );
}

/**
 * Makes the parameters and the running statistics of a normalization that has seen nothing: scale 1, bias 0, mean 0,
 * variance 1.
 *
 * @param scale - Another first scale: 0 for the last normalization of a branch that is to begin as zero.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initBatchNorm } from '@steppe/models';
 *
 * const { params, state } = initBatchNorm(2);
 * console.log(params.scale.arraySync(), state.mean.arraySync()); // => [ 1, 1 ] [ 0, 0 ]
 * ```
 */
export function initBatchNorm(channels: number, scale = 1): { readonly params: NormParams; readonly state: NormState } {
  checkCounts({ channels });
  checkNumber('scale', scale, finite);
  return {
    params: { scale: tf.fill<tf.Rank.R1>([channels], scale), bias: tf.zeros<tf.Rank.R1>([channels]) },
    state: { mean: tf.zeros<tf.Rank.R1>([channels]), variance: tf.ones<tf.Rank.R1>([channels]) },
  };
}

/**
 * Normalizes every channel to mean 0 and variance 1, then scales and shifts: (x - μ) / √(σ² + ε) · scale + bias.
 *
 * In training μ and σ² are those of the batch, over all axes but the last, and the second result holds the new running
 * statistics. Otherwise they are the running ones, which come back unchanged, as a copy. Both variances are biased
 * (divided by n), as in the paper's code; PyTorch keeps n / (n - 1) times that in its running variance. Written from
 * basic operations, whose gradients are faster than the one of `tf.batchNorm` and right to any order. The first batch of
 * one example in training warns on the console. Inside of `syncBatchNorm` the batch is that of all workers.
 *
 * @param x - `[batch, ..., channels]`, of rank 2 at least.
 * @returns The normalized tensor, in the shape of `x`, and the next state.
 * @throws When an option is unknown.
 * @see Ioffe and Szegedy, Batch normalization (2015), algorithm 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { batchNorm, initBatchNorm } from '@steppe/models';
 *
 * const { params, state } = initBatchNorm(1);
 * const [y, next] = batchNorm(params, state, tf.tensor2d([[2], [4]]), { training: true });
 * console.log(y.dataSync().map(Math.round), next.mean.dataSync()[0]?.toFixed(2)); // => Float32Array(2) [ -1, 1 ] 0.30
 * ```
 */
export function batchNorm<T extends Tensor>(
  params: NormParams,
  state: NormState,
  x: T,
  options: BatchNormOptions,
): readonly [T, NormState] {
  checkOptions('batchNorm', options, batchNormOptions);
  checkOneOf('training', options.training, [true, false]);
  checkTensors('params', params, ['scale', 'bias']);
  checkTensors('state', state, ['mean', 'variance']);
  checkTensor('x', x);
  const { training, momentum = 0.9, epsilon = 1e-5, relu = false } = options;
  const running = (old: Tensor1D, batch: Tensor1D): Tensor1D =>
    tf.add(tf.mul(old, momentum), tf.mul(batch, 1 - momentum));
  const share = training ? acrossWorkers(x.size / params.scale.size) : undefined;
  if (training && share === undefined) warnOfOneExample(x, params.scale.size);
  const batchMean = (of: Tensor): Tensor1D => share?.(channelMean(of)) ?? channelMean(of);
  return pure(() => {
    const quick = training && share === undefined ? fused(params, x, epsilon, relu) : undefined;
    if (quick !== undefined) {
      const [y, mean, variance] = quick;
      return [y as T, { mean: running(state.mean, mean), variance: running(state.variance, variance) }] as const;
    }
    if (!training && params.scale.size <= BATCH_NORM_MAX_CHANNELS && hasKernel(BatchNormEval)) {
      // One pass over memory instead of four.
      const inputs = { x, ...state, scale: params.scale, offset: params.bias };
      const attrs: BatchNormAttrs = { epsilon, relu };
      return [tf.engine().runKernel(BatchNormEval, inputs, attrs) as T, state] as const;
    }
    const mean = training ? batchMean(x) : state.mean;
    const centered = tf.sub(x, mean);
    const variance = training ? batchMean(tf.square(centered)) : state.variance;
    // Scale and deviation meet as vectors, so the batch is multiplied once.
    const factor = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), params.scale);
    const normed = tf.add(tf.mul(centered, factor), params.bias) as T;
    const y = relu ? tf.relu(normed) : normed;
    if (!training) return [y, state] as const;
    return [y, { mean: running(state.mean, mean), variance: running(state.variance, variance) }] as const;
  });
}
