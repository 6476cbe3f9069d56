import { getKernel, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { batchCorrections } from './batches.ts';
import type { Correction } from './correction.ts';
import { einsumCorrections } from './einsum.ts';
import { elementCorrections } from './elements.ts';
import { emptyCorrections } from './empty.ts';
import { integerCorrections } from './integers.ts';
import { matMulCorrections } from './mat-mul.ts';
import { maxPlaceCorrections } from './max-places.ts';
import { maxPool3dCorrections } from './max-pool-3d.ts';
import { placeCorrections } from './places.ts';
import { resizeCorrections } from './resize.ts';
import { volumeCorrections } from './volumes.ts';
import { windowCorrections } from './windows.ts';

export type { Correction } from './correction.ts';

/** Lists the kernels that tfjs's CPU backend has wrong, with what is wrong and the correction. */
export const cpuCorrections: readonly Correction[] = [
  ...matMulCorrections,
  ...einsumCorrections,
  ...windowCorrections,
  ...maxPlaceCorrections,
  ...volumeCorrections,
  ...maxPool3dCorrections,
  ...resizeCorrections,
  ...integerCorrections,
  ...placeCorrections,
  ...emptyCorrections,
  ...elementCorrections,
  ...batchCorrections,
];

const ours = new WeakSet<KernelFunc>();

/**
 * Corrects the kernels that tfjs's CPU backend has wrong, those in `cpuCorrections`, for the whole process.
 *
 * `useBackend('cpu')` and `registerNative()` do this. Idempotent, and silent about the kernels that it replaces; tensors
 * made before stay valid. The kernels ask the backend that they are called with for values, as the stock ones do.
 *
 * @throws When the CPU backend's kernels are not registered yet.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { correctCpu } from '@steppe/kernels/cpu';
 *
 * correctCpu();
 * await tf.setBackend('cpu');
 * console.log(tf.matMul(tf.ones([2, 1, 1, 2]), tf.ones([3, 2, 1])).shape); // => [ 2, 3, 1, 1 ]
 * ```
 */
export function correctCpu(): void {
  for (const { kernel, correct } of cpuCorrections) {
    const stock = getKernel(kernel, 'cpu');
    if (!stock)
      throw new Error(`The CPU backend has no kernel ${kernel} yet: import '@tensorflow/tfjs-backend-cpu' first.`);
    if (ours.has(stock.kernelFunc)) continue;
    const kernelFunc = correct(stock.kernelFunc);
    ours.add(kernelFunc);
    unregisterKernel(kernel, 'cpu');
    registerKernel({ ...stock, kernelFunc });
  }
}
