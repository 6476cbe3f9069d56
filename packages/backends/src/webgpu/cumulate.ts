import { Cumprod, Cumsum, Reverse, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

/**
 * Running sums and products, and so the gradients of `cumsum` and `prod`.
 *
 * From the end backwards the stock kernels are wrong: their shader holds the length, and is used again for other
 * lengths.
 */
const cumulate = (name: string): WebGpuKernel =>
  webGpuKernel<{ x: TensorInfo }, { axis: number; exclusive: boolean; reverse: boolean }>(
    name,
    ({ inputs: { x }, attributes }, replaced, { run }) => {
      if (!attributes.reverse) return replaced({ x }, attributes);
      const dims = [attributes.axis];
      const forwards = replaced({ x: run(Reverse, { x }, { dims }) }, { ...attributes, reverse: false });
      return run(Reverse, { x: forwards }, { dims });
    },
  );

export const cumsum: WebGpuKernel = cumulate(Cumsum);
export const cumprod: WebGpuKernel = cumulate(Cumprod);
