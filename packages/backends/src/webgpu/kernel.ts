import * as tf from '@tensorflow/tfjs-core';
import type { ProgramRunner } from './program.ts';

/** What kernels use of tfjs's WebGPU backend. */
export type WebGpuBackend = ProgramRunner & {
  shouldExecuteOnCPU(inputs: readonly tf.TensorInfo[]): boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.TypedArray): tf.TensorInfo;
  readonly device: { readonly limits: { readonly maxStorageBuffersPerShaderStage: number } };
  readonly tensorMap: { get(dataId: object): { readonly complexTensorInfos?: object; readonly dtype: tf.DataType } };
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
};

/** The backend that a kernel is called with, which tfjs does not type. */
export const onDevice = (backend: object): WebGpuBackend => backend as WebGpuBackend;

/** Runs kernels of the WebGPU backend for the kernel that is built of them; frees what they make, but for the
 * result. */
export type Scope = {
  readonly run: (name: string, inputs: tf.NamedTensorInfoMap, attributes?: object) => tf.TensorInfo;
  /** Frees what a program of our own made, unless it is the input itself. */
  readonly own: (made: tf.TensorInfo, input?: tf.TensorInfo) => tf.TensorInfo;
  /** The same numbers in another shape. */
  readonly view: (x: tf.TensorInfo, shape: number[]) => tf.TensorInfo;
};

/** A kernel for tfjs's WebGPU backend in place of one that is wrong, made when it is registered. */
export type WebGpuKernel = {
  readonly name: string;
  readonly make: (replaced: tf.KernelFunc) => tf.KernelFunc;
};

/** Runs a kernel of the WebGPU backend. */
export const call = (
  backend: object,
  kernel: string,
  inputs: tf.NamedTensorInfoMap,
  attributes: object = {},
): tf.TensorInfo =>
  tf.getKernel(kernel, 'webgpu').kernelFunc({ inputs, attrs: attributes as tf.NamedAttrMap, backend }) as tf.TensorInfo;

/**
 * Defines a kernel by other kernels of the backend, and by the one that it replaces.
 *
 * @param compute - Gives the result, made by `scope` or by `replaced` with these inputs and attributes.
 */
export const webGpuKernel = <Inputs extends object, Attributes extends object>(
  name: string,
  compute: (
    parameters: { readonly inputs: Inputs; readonly attributes: Attributes; readonly backend: WebGpuBackend },
    replaced: (inputs: Inputs, attributes: Attributes) => tf.TensorInfo,
    scope: Scope,
  ) => tf.TensorInfo,
): WebGpuKernel => ({
  name,
  make:
    (stock) =>
    ({ inputs, attrs, backend: current }) => {
      const backend = onDevice(current);
      const made: tf.TensorInfo[] = [];
      const call = (kernel: tf.KernelFunc, to: object, attributes: object): tf.TensorInfo => {
        const result = kernel({ inputs: to as tf.NamedTensorInfoMap, attrs: attributes as tf.NamedAttrMap, backend });
        made.push(result as tf.TensorInfo);
        return result as tf.TensorInfo;
      };
      let result: tf.TensorInfo | undefined;
      try {
        result = compute(
          { inputs: inputs as Inputs, attributes: attrs as Attributes, backend },
          (to, attributes) => call(stock, to, attributes),
          {
            run: (kernel, to, attributes = {}) => call(tf.getKernel(kernel, 'webgpu').kernelFunc, to, attributes),
            own: (info, input) => {
              if (info !== input) made.push(info);
              return info;
            },
            view: ({ dataId, dtype }, shape) => {
              backend.incRef(dataId);
              const view = { dataId, dtype, shape };
              made.push(view);
              return view;
            },
          },
        );
        return result;
      } finally {
        for (const info of made) if (info !== result) backend.disposeData(info.dataId);
      }
    },
});
