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

/** Functions that no backend of tfjs has right: of NaN, of numbers below 1.2e-7 and negative ones near 0. */
export const unaryKernels: readonly WasmKernel[] = [
  map(Sign, Math.sign),
  map(Selu, (x) => scale * (x >= 0 ? x : alpha * Math.expm1(x))),
];
