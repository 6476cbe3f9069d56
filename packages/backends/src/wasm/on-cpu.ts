import { correctCpu } from '@steppe/kernels/cpu';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  getKernel,
  type KernelConfig,
  type KernelFunc,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmBackend } from './heap.ts';

type Inputs = NamedTensorInfoMap | readonly TensorInfo[];

/** Makes the data of WASM's tensors readable for the CPU backend, where they lie. */
function lend(backend: WasmBackend, cpu: MathBackendCPU, inputs: Inputs): Inputs {
  const one = (x: TensorInfo | undefined): TensorInfo | undefined => {
    if (!x) return x;
    const dataId = {};
    const values = x.dtype === 'string' ? backend.readSync(x.dataId) : backend.typedArrayFromHeap(x);
    cpu.data.set(dataId, { values, dtype: x.dtype, refCount: 1 });
    // Some kernels ask for the rank, which tensors have.
    return { dataId, shape: x.shape, dtype: x.dtype, ...{ rank: x.shape.length } };
  };
  return Array.isArray(inputs)
    ? inputs.map((x) => one(x) as TensorInfo)
    : Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, one(x) as TensorInfo]));
}

/** Moves a result of the CPU backend into WASM's heap. */
function take(backend: WasmBackend, cpu: MathBackendCPU, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  const { values } = cpu.data.get(dataId);
  if (dtype === 'string') return backend.makeOutput(shape, dtype, undefined, values as Uint8Array[]);
  // A result may be an input's memory, which allocating can take away.
  const numbers = values as Float32Array;
  const own = numbers.buffer === backend.wasm.HEAPU8.buffer ? numbers.slice() : numbers;
  const out = backend.makeOutput(shape, dtype);
  backend.typedArrayFromHeap(out).set(own);
  return out;
}

/** Makes kernels for WASM of those of the CPU backend: the JavaScript reads WASM's heap, and its results move there. */
export async function cpuKernels(): Promise<(name: string) => KernelFunc> {
  const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
  correctCpu();
  return (name) => {
    const config = getKernel(name, 'cpu') as KernelConfig | undefined;
    return ({ backend, inputs, attrs = {} }) => {
      if (!config) throw new Error(`The WASM backend has no ${name} for [${dtypesOf(inputs)}]: cast first.`);
      const wasm = backend as WasmBackend;
      // One per call: what it holds goes with it. It greets at its first write, unless that is behind it.
      const cpu = Object.assign(new MathBackendCPU(), { firstUse: false });
      const lent = lend(wasm, cpu, inputs) as NamedTensorInfoMap;
      const result = config.kernelFunc({ backend: cpu, inputs: lent, attrs });
      return Array.isArray(result) ? result.map((x) => take(wasm, cpu, x)) : take(wasm, cpu, result);
    };
  };
}

const dtypesOf = (inputs: NamedTensorInfoMap): string =>
  Object.values(inputs)
    .map((x) => x?.dtype)
    .join(', ');
