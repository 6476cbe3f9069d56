import * as tf from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

type Inputs = { readonly [name: string]: tf.TensorInfo | undefined };
type Attributes = { readonly activation?: string | null; readonly leakyreluAlpha?: number };

const kernels: { readonly [activation: string]: string } = {
  elu: tf.Elu,
  leakyrelu: tf.LeakyRelu,
  prelu: tf.Prelu,
  relu6: tf.Relu6,
  sigmoid: tf.Sigmoid,
};

/** A product with its bias and activation: the stock kernels' own activations lose NaN, and infinity where four numbers
 * are one, but for `relu`. */
const fused = (name: string): WebGpuKernel =>
  webGpuKernel<Inputs, Attributes>(name, ({ inputs, attributes }, replaced, { run }) => {
    const kernel = kernels[attributes.activation ?? 'linear'];
    if (!kernel) return replaced(inputs, attributes);
    const { preluActivationWeights: alpha, ...operands } = inputs;
    const x = replaced(operands, { ...attributes, activation: 'linear' });
    return run(kernel, alpha ? { x, alpha } : { x }, { alpha: attributes.leakyreluAlpha ?? 0.2 });
  });

/** The fused kernels. */
export const fusedKernels: readonly WebGpuKernel[] = [tf.FusedConv2D, tf.FusedDepthwiseConv2D, tf._FusedMatMul].map(
  fused,
);
