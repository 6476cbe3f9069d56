import { engine, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { clipByValue } from './clip-by-value.ts';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.ts';
import { cast, identity, slice, tile } from './copies.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise.ts';
import { einsum } from './einsum.ts';
import { isWasmBackend, prepareHeap } from './heap.ts';
import { registeredKernel, type WasmKernel } from './kernel.ts';
import { batchMatMul } from './mat-mul.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import { oneHot } from './one-hot.ts';
import { mean, sum } from './sum.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** Kernels that the stock WASM backend lacks, has wrong, or has slow. */
export const wasmKernels: readonly WasmKernel[] = [
  batchMatMul,
  cast,
  clipByValue,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  einsum,
  identity,
  maxPoolGrad,
  mean,
  oneHot,
  slice,
  sum,
  tile,
  unsortedSegmentSum,
];

const ours = new WeakSet<KernelFunc>();

/**
 * Gives tfjs's WASM backend the kernels that training needs; the backend must be the current one.
 *
 * `useBackend('wasm')` does this. Idempotent, and silent about the kernels that it replaces; tensors made before stay
 * valid.
 *
 * @throws When another backend is current, or the WASM build hides its memory.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * import { registerWasmKernels } from '@steppe/backends';
 *
 * await tf.setBackend('wasm');
 * await registerWasmKernels();
 * console.log(tf.sum(tf.fill([1_000_000], 0.1)).arraySync()); // => 100000
 * ```
 */
export async function registerWasmKernels(): Promise<void> {
  const { backend, backendName } = engine();
  if (!isWasmBackend(backend))
    throw new Error(`The WASM kernels need the wasm backend, got ${backendName}: call useBackend('wasm').`);
  await prepareHeap(backend);
  for (const { name, make } of wasmKernels) {
    const stock = registeredKernel(name);
    if (stock && ours.has(stock.kernelFunc)) continue;
    const kernelFunc = make(stock?.kernelFunc);
    ours.add(kernelFunc);
    if (stock) unregisterKernel(name, 'wasm');
    // The stock kernel's set-up runs again when the backend is made anew, for the cases that are passed on to it.
    registerKernel({ ...stock, kernelName: name, backendName: 'wasm', kernelFunc });
  }
}
