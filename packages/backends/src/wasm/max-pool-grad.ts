import { backend_util, MaxPoolGrad, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from './heap.ts';
import { type WasmKernel, wasmKernel } from './kernel.ts';

type PoolAttributes = {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

const zeroOutput = (backend: WasmBackend, shape: readonly number[]): TensorInfo => {
  const out = backend.makeOutput(shape, 'float32');
  backend.typedArrayFromHeap(out).fill(0);
  return out;
};

/**
 * Sends each pixel of a pooled gradient to the first maximum of its window: `MaxPoolGrad`.
 *
 * The stock kernel takes 0 for the least value a window can have, and sends the gradient of all-negative windows to the
 * image's first pixel.
 */
export const maxPoolGrad: WasmKernel = wasmKernel<{ dy: TensorInfo; input: TensorInfo }, PoolAttributes>(
  MaxPoolGrad,
  (backend, { dy, input }, { filterSize, strides, pad, dimRoundingMode }) => {
    const shape = input.shape as [number, number, number, number];
    const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
    const dx = zeroOutput(backend, input.shape);
    const [x, gradient, result] = [input, dy, dx].map((t) => backend.typedArrayFromHeap(t)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    let at = 0;
    for (let image = 0; image < batchSize; image++) {
      for (let row = 0; row < outHeight; row++) {
        const top = row * strideHeight - padInfo.top;
        const [firstRow, endRow] = [Math.max(0, top), Math.min(inHeight, top + info.effectiveFilterHeight)];
        for (let column = 0; column < outWidth; column++) {
          const left = column * strideWidth - padInfo.left;
          const [first, end] = [Math.max(0, left), Math.min(inWidth, left + info.effectiveFilterWidth)];
          for (let channel = 0; channel < inChannels; channel++, at++) {
            let [most, where] = [Number.NEGATIVE_INFINITY, -1];
            for (let r = firstRow; r < endRow; r++) {
              const line = (image * inHeight + r) * inWidth;
              for (let c = first; c < end; c++) {
                const index = (line + c) * inChannels + channel;
                const value = x[index] as number;
                if (value > most) [most, where] = [value, index];
              }
            }
            if (where >= 0) result[where] = (result[where] as number) + (gradient[at] as number);
          }
        }
      }
    }
    return dx;
  },
);
