import { AddN, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

/** Adds tensors of one shape: `AddN`. The stock kernel binds all of them at once, which devices reject from 8 or 16
 * on. */
export const addN: WebGpuKernel = webGpuKernel<readonly TensorInfo[], object>(AddN, ({ inputs, backend }, replaced) => {
  // One of the buffers holds the sum.
  const atOnce = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
  let [sum, next] = [replaced(inputs.slice(0, atOnce), {}), atOnce];
  for (; next < inputs.length; next += atOnce - 1) sum = replaced([sum, ...inputs.slice(next, next + atOnce - 1)], {});
  return sum;
});
