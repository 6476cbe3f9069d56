import { trustSecondDerivative } from '@steppe/autograd';
import {
  BatchNorm,
  BatchNormEval,
  BatchNormEvalGrad,
  BatchNormGrad,
  Gelu,
  LayerNorm,
  Silu,
  Softmax,
} from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';

// The gradients of these kernels of `@steppe/native` are right to any order.
const batchNorms = [BatchNorm, BatchNormGrad, BatchNormEval, BatchNormEvalGrad];
for (const name of [...batchNorms, Gelu, LayerNorm, Silu, Softmax]) trustSecondDerivative(name);

/** Whether the backend has such a kernel, one pass over memory in the place of several basic operations. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;
