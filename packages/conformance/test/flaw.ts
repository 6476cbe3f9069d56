import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** What the tests use of tfjs's WASM backend. */
type WasmBackend = {
  makeOutput(shape: readonly number[], dtype: string): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array;
};

type Flaw = (backend: WasmBackend, result: TensorInfo) => void;

const flaws = {
  /** One percent too much. */
  scaled: (backend, result) => {
    const values = backend.typedArrayFromHeap(result);
    for (const [i, value] of values.entries()) values[i] = value * 1.01;
  },
  leaking: (backend) => void backend.makeOutput([1], 'float32'),
} satisfies Readonly<Record<string, Flaw>>;

/** Runs with a flaw in one kernel of the WASM backend. */
export async function withFlaw<Result>(
  kernelName: string,
  flaw: keyof typeof flaws,
  use: () => Promise<Result>,
): Promise<Result> {
  const kernel = tf.getKernel(kernelName, 'wasm');
  const replace = (config: KernelConfig): void => {
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel(config);
  };
  replace({
    ...kernel,
    kernelFunc: (args) => {
      const result = kernel.kernelFunc(args) as TensorInfo;
      flaws[flaw](args.backend as unknown as WasmBackend, result);
      return result;
    },
  });
  try {
    return await use();
  } finally {
    replace(kernel);
  }
}
