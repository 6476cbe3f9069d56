import { correctCpu } from '@steppe/kernels/cpu';
import { version_cpu } from '@tensorflow/tfjs-backend-cpu';
import { getKernelsForBackend, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { refuse } from './arguments/refusal.ts';
import { isNumeric, valuesOf } from './memory/data.ts';
import type { Storage } from './memory/storage.ts';
import type { Runtime } from './runtime.ts';

const calls = new Map<string, number>();

/**
 * Tells which kernels ran in JavaScript instead of C, and how often: those that C lacks, or lacks for these arguments.
 *
 * @example
 * ```ts
 * import { fallbackKernels, registerNative } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * tf.diag(tf.tensor1d([3, 1, 2]));
 * console.log(fallbackKernels()); // => { Diag: 1 }
 * ```
 */
export function fallbackKernels(): Readonly<Record<string, number>> {
  return Object.fromEntries([...calls].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The kernels of tfjs's JavaScript backend by name, corrected where they are wrong, as functions that count their calls. They run on the native
 * backend's tensors, since they ask the backend they are given for values. */
export function cpuKernels({
  storage,
  recorder,
}: Pick<Runtime, 'storage' | 'recorder'>): ReadonlyMap<string, KernelFunc> {
  // Its version is asked for so that bundlers keep it: its main file is not among its side effects.
  if (getKernelsForBackend('cpu').length === 0)
    throw new Error(
      `@tensorflow/tfjs-backend-cpu ${version_cpu} registered no kernels here: install @tensorflow/tfjs-core once.`,
    );
  correctCpu();
  const entries = getKernelsForBackend('cpu').map(({ kernelName, kernelFunc }): [string, KernelFunc] => [
    kernelName,
    (args) => {
      if (recorder.isRecording()) recorder.refuse(`${kernelName} runs in JavaScript here`);
      calls.set(kernelName, (calls.get(kernelName) ?? 0) + 1);
      const result = storage.holding(() => kernelFunc(args));
      return Array.isArray(result) ? result.map((info) => settled(storage, info)) : settled(storage, result);
    },
  ]);
  return new Map(entries);
}

/** The JavaScript backend casts int32 to float32 by changing the label only; here the memory must agree with the
 * label. */
function settled(storage: Storage, info: TensorInfo): TensorInfo {
  const data = storage.get(info.dataId);
  if (data.dtype === info.dtype) return info;
  if (!isNumeric(info.dtype) || !isNumeric(data.dtype)) return refuse('the result', info.dtype, data.dtype);
  const converted = storage.write(valuesOf(data), info.shape, info.dtype);
  storage.dispose(info.dataId);
  return { ...info, dataId: converted };
}
