import * as tf from '@tensorflow/tfjs-core';
import { addN } from './add-n.ts';
import { batchNorm } from './batch-norm.ts';
import { binaryKernels } from './binary.ts';
import { bincountKernels } from './bincount.ts';
import { complexKernels } from './complex.ts';
import { copyKernels } from './copies.ts';
import { cumprod, cumsum } from './cumulate.ts';
import { gatherNd } from './gather-nd.ts';
import { cropAndResize, transform } from './images.ts';
import type { WebGpuKernel } from './kernel.ts';
import { linSpace } from './lin-space.ts';
import { lrn } from './lrn.ts';
import { matMulKernels } from './mat-mul.ts';
import { pad } from './pad.ts';
import { reductions } from './reduce.ts';
import { select } from './select.ts';
import { softmax } from './softmax.ts';
import { mean, sum } from './sum.ts';
import { topK } from './top-k.ts';
import { unaryKernels } from './unary.ts';
import { windowKernels } from './windows.ts';

/** Kernels that the stock WebGPU backend has wrong. */
const webGpuKernels: readonly WebGpuKernel[] = [
  ...binaryKernels,
  ...bincountKernels,
  ...complexKernels,
  ...copyKernels,
  ...matMulKernels,
  ...reductions,
  ...unaryKernels,
  ...windowKernels,
  addN,
  batchNorm,
  cropAndResize,
  cumprod,
  cumsum,
  gatherNd,
  linSpace,
  lrn,
  mean,
  pad,
  select,
  softmax,
  sum,
  topK,
  transform,
];

const ours = new WeakSet<tf.KernelFunc>();

/** Gives tfjs's WebGPU backend right kernels where its own are wrong. Idempotent, and silent about the kernels that it
 * replaces. */
export function registerWebGpuKernels(): void {
  for (const { name, make } of webGpuKernels) {
    const stock = tf.getKernel(name, 'webgpu');
    if (stock && ours.has(stock.kernelFunc)) continue;
    const kernelFunc = make(
      stock?.kernelFunc ??
        (({ inputs }) => {
          const dtypes = Object.values(inputs).map((x) => x?.dtype);
          throw new Error(`The WebGPU backend has no ${name} for [${dtypes}]: cast first.`);
        }),
    );
    ours.add(kernelFunc);
    if (stock) tf.unregisterKernel(name, 'webgpu');
    tf.registerKernel({ ...stock, kernelName: name, backendName: 'webgpu', kernelFunc });
  }
}
