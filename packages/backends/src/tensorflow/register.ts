import { getKernel, Identity, Round, type TensorInfo } from '@tensorflow/tfjs-core';
import { putInFront } from './kernel.ts';
import { convolutions, runPadded } from './padded-convolutions.ts';

/**
 * Mends tfjs-node's backend where training or its numbers need it; call it when the backend is there. Idempotent.
 *
 * Its own convolutions refuse a padding by a number of pixels (their gradients explicit paddings too), though
 * TensorFlow's operations can do it: PyTorch's and the paper's WideResNets could not be trained. Its `Round` of
 * integers gives zeros.
 */
export function registerTensorFlowKernels(): void {
  for (const convolution of convolutions)
    putInFront(convolution.name, ({ backend, inputs, attrs }) => runPadded(convolution, backend, inputs, attrs));
  putInFront(Round, (parameters) => {
    const { x } = parameters.inputs;
    return x?.dtype === 'int32' ? (getKernel(Identity, 'tensorflow').kernelFunc(parameters) as TensorInfo) : undefined;
  });
}
