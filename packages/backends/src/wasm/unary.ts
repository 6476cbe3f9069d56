import { Relu, Selu, Sign, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, simd } from './heap.ts';
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

/** Cuts negative numbers off: `Relu`. The stock kernel makes 0 of a NaN whose sign bit is set, as that of ∞ - ∞ is. */
const relu: WasmKernel = wrappedKernel<{ x: TensorInfo }>(Relu, (rest) => (backend, { x }) => {
  if (x.dtype !== 'float32') return rest();
  const out = backend.makeOutput(x.shape, x.dtype);
  simd(backend).relu(addressOf(backend, x), addressOf(backend, out), 4 * util.sizeFromShape(x.shape));
  return out;
});

/** Functions that the stock kernels have wrong of numbers near 0. As on every backend of tfjs, the sign of NaN is 0. */
export const unaryKernels: readonly WasmKernel[] = [
  relu,
  map(Sign, (x) => (x > 0 ? 1 : x < 0 ? -1 : 0)),
  map(Selu, (x) => scale * (x >= 0 ? x : alpha * Math.expm1(x))),
];
