import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** What the tests use of tfjs's CPU backend. */
type CpuBackend = {
  readSync(dataId: object): Float32Array;
  makeTensorInfo(shape: number[], dtype: string, values?: ArrayLike<number>): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
};

type Flaw = (kernel: KernelFunc, name: string) => KernelFunc;

const other = (value: number, dtype: string): number =>
  dtype === 'bool' ? 1 - value : Number.isNaN(value) ? 0 : value + 1;

const changed = (backend: CpuBackend, info: TensorInfo): TensorInfo => {
  if (info.dtype === 'string') return info;
  const values = backend.readSync(info.dataId).map((value) => other(value, info.dtype));
  const result = backend.makeTensorInfo(info.shape, info.dtype, values);
  backend.disposeIntermediateTensorInfo(info);
  return result;
};

const flaws = {
  wrong: (kernel) => (args) => {
    const [result, backend] = [kernel(args), args.backend as unknown as CpuBackend];
    return Array.isArray(result) ? result.map((info) => changed(backend, info)) : changed(backend, result);
  },
  leaking: (kernel) => (args) => {
    (args.backend as unknown as CpuBackend).makeTensorInfo([1], 'float32', new Float32Array(1));
    return kernel(args);
  },
  throwing: (_, name) => () => {
    throw new Error(`${name} is broken`);
  },
} satisfies Readonly<Record<string, Flaw>>;

/** Lends a copy of the CPU backend in which one kernel has a flaw. */
export async function mutant<Result>(
  kernelName: string,
  flaw: keyof typeof flaws,
  use: (backend: string) => Promise<Result>,
): Promise<Result> {
  const backendName = `mutant of ${kernelName}`;
  const make = tf.findBackendFactory('cpu') as () => tf.KernelBackend;
  tf.registerBackend(backendName, make);
  tf.copyRegisteredKernels('cpu', backendName);
  const kernel = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...kernel, kernelFunc: flaws[flaw](kernel.kernelFunc, kernelName) });
  try {
    return await use(backendName);
  } finally {
    tf.removeBackend(backendName);
    for (const config of tf.getKernelsForBackend(backendName)) tf.unregisterKernel(config.kernelName, backendName);
  }
}
