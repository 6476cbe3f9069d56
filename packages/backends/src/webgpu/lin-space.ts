import { Fill, LinSpace } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

/** Numbers in equal steps; the stock step to one number is 0 / 0. */
export const linSpace: WebGpuKernel = webGpuKernel<object, { start: number; stop: number; num: number }>(
  LinSpace,
  ({ inputs, attributes }, replaced, { run }) =>
    attributes.num === 1
      ? run(Fill, {}, { shape: [1], value: attributes.start, dtype: 'float32' })
      : replaced(inputs, attributes),
);
