import { Selu, Sign, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WasmKernel, wrappedKernel } from './kernel.ts';

/** Makes a kernel that maps float32 numbers one by one; others are passed on. */
const map = (name: string, f: (x: number) => number): WasmKernel =>
  wrappedKernel<{ x: TensorInfo }>(name, (rest) => (backend, { x }) => {
    if (x.dtype !== 'float32') return rest();
    const out = backend.makeOutput(x.shape, x.dtype);
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
    for (let i = 0; i < to.length; i++) to[i] = f(from[i] as number);
    return out;
  });

const [scale, alpha] = [1.0507009873554805, 1.6732632423543772];

/** Functions that the stock kernels have wrong of numbers near 0. As on every backend of tfjs, the sign of NaN is 0. */
export const unaryKernels: readonly WasmKernel[] = [
  map(Sign, (x) => (x > 0 ? 1 : x < 0 ? -1 : 0)),
  map(Selu, (x) => scale * (x >= 0 ? x : alpha * Math.expm1(x))),
];
