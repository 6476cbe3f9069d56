import { ClipByValue, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WasmKernel, wasmKernel } from './kernel.ts';

/** Limits numbers to an interval and lets NaN pass: `ClipByValue`. The stock kernel makes the lower bound of it, which
 * hides a diverged loss. */
export const clipByValue: WasmKernel = wasmKernel<
  { x: TensorInfo },
  { readonly clipValueMin: number; readonly clipValueMax: number }
>(ClipByValue, (backend, { x }, { clipValueMin: low, clipValueMax: high }) => {
  const out = backend.makeOutput(x.shape, x.dtype);
  const clipped = backend.typedArrayFromHeap(out);
  for (const [i, value] of backend.typedArrayFromHeap(x).entries())
    clipped[i] = value < low ? low : value > high ? high : value;
  return out;
});
