import * as tf from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

type Inputs = { readonly [name: string]: tf.TensorInfo | undefined };
type Attributes = {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
  readonly dataFormat?: string;
};

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
  webGpuKernel<Inputs, Attributes>(name, ({ inputs, attributes }, replaced, { run, view }) => {
    const kernel = kernels[attributes.activation ?? 'linear'];
    if (!kernel) return replaced(inputs, attributes);
    const { preluActivationWeights: slopes, ...operands } = inputs;
    // Slopes of channels, where these come first.
    const first = attributes.dataFormat === 'NCHW' && slopes?.shape.length === 1;
    const alpha = slopes && first ? view(slopes, [...slopes.shape, 1, 1]) : slopes;
    const x = replaced(operands, { ...attributes, activation: 'linear' });
    return run(kernel, alpha ? { x, alpha } : { x }, { alpha: attributes.leakyreluAlpha ?? 0.2 });
  });

/** The fused kernels. */
export const fusedKernels: readonly WebGpuKernel[] = [tf.FusedConv2D, tf.FusedDepthwiseConv2D, tf._FusedMatMul].map(
  fused,
);
