import { type DataType, OneHot, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WasmKernel, wasmKernel } from './kernel.ts';

/** Marks the class of every label along a new last axis: `OneHot`. The stock kernel gives zeros or NaN for float32. */
export const oneHot: WasmKernel = wasmKernel<
  { indices: TensorInfo },
  { readonly depth: number; readonly onValue: number; readonly offValue: number; readonly dtype: DataType }
>(OneHot, (backend, { indices }, { depth, onValue, offValue, dtype }) => {
  const out = backend.makeOutput([...indices.shape, depth], dtype);
  const marks = backend.typedArrayFromHeap(out).fill(offValue);
  for (const [i, label] of backend.typedArrayFromHeap(indices).entries())
    if (label >= 0 && label < depth) marks[i * depth + label] = onValue;
  return out;
});
