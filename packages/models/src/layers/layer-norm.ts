import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { LayerNorm, type LayerNormAttrs } from '@steppe/kernels';
import { pure } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkTensor, checkTensors } from '../checks.ts';
import type { NormParams } from './batch-norm.ts';
import { hasKernel } from './kernels.ts';

/** Says how features are normalized. */
export type LayerNormOptions = {
  /**
   * Added to the variance.
   *
   * @defaultValue 1e-6, as in Vision Transformers (PyTorch's own default is 1e-5)
   */
  readonly epsilon?: number;
};

/**
 * Makes the parameters of a normalization that only normalizes: scale 1, bias 0.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initLayerNorm } from '@steppe/models';
 *
 * console.log(initLayerNorm(2).scale.arraySync()); // => [ 1, 1 ]
 * ```
 */
export function initLayerNorm(features: number): NormParams {
  checkCounts({ features });
  return { scale: tf.ones<tf.Rank.R1>([features]), bias: tf.zeros<tf.Rank.R1>([features]) };
}

/** (x - μ) / √(σ² + ε), of the last axis. */
export function standardized(x: Tensor, epsilon: number): Tensor {
  const centered = tf.sub(x, tf.mean(x, -1, true));
  return tf.mul(centered, tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), epsilon)));
}

/**
 * Normalizes the features of each example or token to mean 0 and variance 1, then scales and shifts:
 * (x - μ) / √(σ² + ε) · scale + bias, with the μ and σ² of that token alone, in training as in evaluation.
 *
 * @param x - `[..., features]`.
 * @throws When an option is unknown.
 * @see Ba et al., Layer normalization (2016), equation 4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { initLayerNorm, layerNorm } from '@steppe/models';
 *
 * console.log(layerNorm(initLayerNorm(2), tf.tensor2d([[1, 3]])).round().arraySync()); // => [ [ -1, 1 ] ]
 * ```
 */
export function layerNorm<T extends Tensor>(params: NormParams, x: T, options: LayerNormOptions = {}): T {
  checkOptions('layerNorm', options, { epsilon: aNumber(nonNegative) });
  checkTensors('params', params, ['scale', 'bias']);
  checkTensor('x', x);
  const { epsilon = 1e-6 } = options;
  return pure(() => {
    const { scale, bias: offset } = params;
    if (!hasKernel(LayerNorm)) return tf.add(tf.mul(standardized(x, epsilon), scale), offset) as T;
    const attrs: LayerNormAttrs = { epsilon };
    return tf.engine().runKernel(LayerNorm, { x, scale, offset }, attrs) as T;
  });
}
