import { engine, getKernelsForBackend, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { batchNorm } from './batch-norm.ts';
import { clipByValue } from './clip-by-value.ts';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.ts';
import { cast, identity, reverse, slice, tile } from './copies.ts';
import { cumulateKernels } from './cumulate.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput, depthwiseConv2d } from './depthwise.ts';
import { einsum } from './einsum.ts';
import { fusedKernels } from './fused.ts';
import { gatherV2 } from './gather-v2.ts';
import { isWasmBackend, prepareHeap } from './heap.ts';
import type { WasmKernel } from './kernel.ts';
import { batchMatMul } from './mat-mul.ts';
import { cpuKernels } from './on-cpu.ts';
import { oneHot } from './one-hot.ts';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, maxPoolWithArgmax } from './pool.ts';
import { mean, sum } from './sum.ts';
import { whereTrusted } from './trusted.ts';
import { unaryKernels } from './unary.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** Kernels that the stock WASM backend lacks, has wrong, or has slow. */
export const wasmKernels: readonly WasmKernel[] = [
  ...cumulateKernels,
  ...fusedKernels,
  ...unaryKernels,
  batchMatMul,
  batchNorm,
  cast,
  clipByValue,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  depthwiseConv2d,
  einsum,
  gatherV2,
  identity,
  avgPool,
  avgPoolGrad,
  maxPool,
  maxPoolGrad,
  maxPoolWithArgmax,
  mean,
  oneHot,
  reverse,
  slice,
  sum,
  tile,
  unsortedSegmentSum,
];

/** Kernels that the stock WASM backend lacks, and that are taken from the CPU backend as they are. */
export const fromCpu: readonly string[] = ['RaggedGather', 'RaggedRange', 'RaggedTensorToTensor', 'StaticRegexReplace'];

const ours = new WeakSet<KernelFunc>();

/** What `registerWasmKernels` does, in a file that only pages on WASM load. */
export async function registerKernels(): Promise<void> {
  const { backend, backendName } = engine();
  if (!isWasmBackend(backend))
    throw new Error(`The WASM kernels need the wasm backend, got ${backendName}: call useBackend('wasm').`);
  await prepareHeap(backend);
  const cpuKernel = await cpuKernels();
  const own = new Map(wasmKernels.map(({ name, make }) => [name, make]));
  const stocks = new Map(getKernelsForBackend('wasm').map((config) => [config.kernelName, config]));
  for (const name of new Set([...stocks.keys(), ...own.keys(), ...fromCpu])) {
    const stock = stocks.get(name);
    if (stock && ours.has(stock.kernelFunc)) continue;
    const other = cpuKernel(name);
    const kernelFunc = whereTrusted(name, stock?.kernelFunc, own.get(name)?.(other) ?? other);
    ours.add(kernelFunc);
    if (stock) unregisterKernel(name, 'wasm');
    // The stock kernel's set-up runs again when the backend is made anew, for the calls that are passed on to it.
    registerKernel({ ...stock, kernelName: name, backendName: 'wasm', kernelFunc });
  }
}
