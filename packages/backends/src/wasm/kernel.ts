import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from './heap.ts';

type Compute<Inputs, Attributes> = (backend: WasmBackend, inputs: Inputs, attributes: Attributes) => TensorInfo;

/** A kernel for tfjs's WASM backend, made when it is registered: it may build on the kernel that it replaces. */
export type WasmKernel = {
  readonly name: string;
  readonly make: (replaced: KernelFunc) => KernelFunc;
};

/** Defines a kernel by what it computes. */
export const wasmKernel = <Inputs, Attributes = undefined>(
  name: string,
  compute: Compute<Inputs, Attributes>,
): WasmKernel => wrappedKernel<Inputs, Attributes>(name, () => compute);

/** Defines a kernel that passes some cases on to the one that it replaces. */
export const wrappedKernel = <Inputs, Attributes = undefined>(
  name: string,
  wrap: (replaced: () => TensorInfo) => Compute<Inputs, Attributes>,
): WasmKernel => ({
  name,
  make: (replaced) => (parameters) => {
    const stock = (): TensorInfo => {
      const result = replaced(parameters);
      if (Array.isArray(result)) throw new Error(`The WASM backend has no kernel ${name}.`);
      return result;
    };
    const { backend, inputs, attrs } = parameters;
    return wrap(stock)(backend as WasmBackend, inputs as Inputs, attrs as Attributes);
  },
});
