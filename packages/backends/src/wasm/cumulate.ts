import { Cumprod, Cumsum, util } from '@tensorflow/tfjs-core';
import type { WasmKernel } from './kernel.ts';

/** Makes a kernel that counts a negative axis from the end, where the stock ones go beyond their tensors. */
const cumulate = (name: string): WasmKernel => ({
  name,
  make: (rest) => (parameters) => {
    const { inputs, attrs } = parameters;
    const axis = util.parseAxisParam(attrs?.axis as number, inputs.x?.shape ?? [])[0];
    return rest({ ...parameters, attrs: { ...attrs, axis: axis ?? 0 } });
  },
});

/** Running sums and products. */
export const cumulateKernels: readonly WasmKernel[] = [cumulate(Cumsum), cumulate(Cumprod)];
