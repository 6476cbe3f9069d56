import * as tf from '@tensorflow/tfjs-core';
import { addN } from './add-n.ts';
import { cumprod, cumsum } from './cumulate.ts';
import type { WebGpuKernel } from './kernel.ts';
import { pad } from './pad.ts';
import { reductions } from './reduce.ts';
import { mean, sum } from './sum.ts';
import { transpose } from './transpose.ts';

/** Kernels that the stock WebGPU backend has wrong. */
const webGpuKernels: readonly WebGpuKernel[] = [addN, cumprod, cumsum, mean, pad, ...reductions, sum, transpose];

const ours = new WeakSet<tf.KernelFunc>();

/** Gives tfjs's WebGPU backend right kernels where its own are wrong. Idempotent, and silent about the kernels that it
 * replaces. */
export function registerWebGpuKernels(): void {
  for (const { name, make } of webGpuKernels) {
    const stock = tf.getKernel(name, 'webgpu');
    if (!stock || ours.has(stock.kernelFunc)) continue;
    const kernelFunc = make(stock.kernelFunc);
    ours.add(kernelFunc);
    tf.unregisterKernel(name, 'webgpu');
    tf.registerKernel({ ...stock, kernelFunc });
  }
}
