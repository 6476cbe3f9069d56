import {
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type ConvAttributes, type ConvGeometry, convGeometry } from './conv-geometry.ts';
import type { WasmBackend } from './heap.ts';
import { type WasmKernel, wasmKernel } from './kernel.ts';

/** Visits, tap by tap, every pair of an input pixel and an output pixel that the tap joins, by their indices in the
 * batch. */
function eachMeeting(g: ConvGeometry, visit: (tap: number, input: number, output: number) => void): void {
  for (let tapRow = 0, tap = 0; tapRow < g.filterHeight; tapRow++) {
    for (let tapColumn = 0; tapColumn < g.filterWidth; tapColumn++, tap++) {
      const [down, across] = [tapRow * g.dilationHeight - g.padInfo.top, tapColumn * g.dilationWidth - g.padInfo.left];
      for (let image = 0; image < g.batchSize; image++) {
        for (let outRow = 0; outRow < g.outHeight; outRow++) {
          const row = outRow * g.strideHeight + down;
          if (row < 0 || row >= g.inHeight) continue;
          const input = (image * g.inHeight + row) * g.inWidth + across;
          const output = (image * g.outHeight + outRow) * g.outWidth;
          for (let outColumn = 0; outColumn < g.outWidth; outColumn++) {
            const column = outColumn * g.strideWidth + across;
            if (column >= 0 && column < g.inWidth) visit(tap, input + outColumn * g.strideWidth, output + outColumn);
          }
        }
      }
    }
  }
}

type Views = readonly [out: TensorInfo, sums: Float32Array, a: Float32Array, b: Float32Array];

/** A result of zeros, and where its numbers and those of two operands lie. */
function zeros(backend: WasmBackend, shape: readonly number[], a: TensorInfo, b: TensorInfo): Views {
  const out = backend.makeOutput(shape, 'float32');
  const view = (info: TensorInfo): Float32Array => backend.typedArrayFromHeap(info) as Float32Array;
  return [out, view(out).fill(0), view(a), view(b)];
}

/** Convolves every channel by itself: `DepthwiseConv2dNative`. The stock kernel multiplies pixels by filters that are
 * not theirs where windows reach over an edge. */
export const depthwiseConv2d: WasmKernel = wasmKernel<{ x: TensorInfo; filter: TensorInfo }, ConvAttributes>(
  DepthwiseConv2dNative,
  (backend, { x, filter }, attributes) => {
    const geometry = convGeometry(x.shape, filter.shape, attributes, true);
    const { inChannels, outChannels } = geometry;
    const multiplier = outChannels / inChannels;
    const [out, ys, xs, weights] = zeros(backend, geometry.outShape, x, filter);
    eachMeeting(geometry, (tap, input, output) => {
      for (let channel = 0, at = 0; channel < inChannels; channel++) {
        const value = xs[input * inChannels + channel] as number;
        for (let m = 0; m < multiplier; m++, at++)
          ys[output * outChannels + at] =
            (ys[output * outChannels + at] as number) + value * (weights[tap * outChannels + at] as number);
      }
    });
    return out;
  },
);

/** Computes the gradient of a depthwise convolution for its input: `DepthwiseConv2dNativeBackpropInput`. */
export const depthwiseBackpropInput: WasmKernel = wasmKernel<
  { dy: TensorInfo; filter: TensorInfo },
  ConvAttributes & { readonly inputShape: readonly number[] }
>(DepthwiseConv2dNativeBackpropInput, (backend, { dy, filter }, attributes) => {
  const geometry = convGeometry(attributes.inputShape, filter.shape, attributes, true);
  const { inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  const [out, dx, dys, weights] = zeros(backend, geometry.inShape, dy, filter);
  eachMeeting(geometry, (tap, input, output) => {
    for (let channel = 0, at = 0; channel < inChannels; channel++) {
      let sum = dx[input * inChannels + channel] as number;
      for (let m = 0; m < multiplier; m++, at++)
        sum += (dys[output * outChannels + at] as number) * (weights[tap * outChannels + at] as number);
      dx[input * inChannels + channel] = sum;
    }
  });
  return out;
});

/** Computes the gradient of a depthwise convolution for its filter: `DepthwiseConv2dNativeBackpropFilter`. */
export const depthwiseBackpropFilter: WasmKernel = wasmKernel<
  { x: TensorInfo; dy: TensorInfo },
  ConvAttributes & { readonly filterShape: readonly number[] }
>(DepthwiseConv2dNativeBackpropFilter, (backend, { x, dy }, attributes) => {
  const geometry = convGeometry(x.shape, attributes.filterShape, attributes, true);
  const { inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  const [out, dw, xs, dys] = zeros(backend, attributes.filterShape, x, dy);
  // Sums over a whole batch are long: float64 until the end.
  const sums = new Float64Array(dw.length);
  eachMeeting(geometry, (tap, input, output) => {
    for (let channel = 0, at = 0; channel < inChannels; channel++) {
      const value = xs[input * inChannels + channel] as number;
      for (let m = 0; m < multiplier; m++, at++)
        sums[tap * outChannels + at] =
          (sums[tap * outChannels + at] as number) + value * (dys[output * outChannels + at] as number);
    }
  });
  dw.set(sums);
  return out;
});
