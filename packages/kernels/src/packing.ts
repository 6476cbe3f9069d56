import { backend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** A tfjs backend that copies many tensors into one array and out of one in a call each: `native` is one. */
export type PackingBackend = {
  /**
   * Writes factor · x of float32 tensors into `floats`, one behind the other.
   *
   * @returns The largest |x|; NaN where one is NaN.
   */
  pack(tensors: readonly TensorInfo[], factor: number, floats: Float32Array): number;
  /** Makes float32 tensors of what lies in `floats`, one behind the other. */
  unpack(floats: Float32Array, shapes: readonly (readonly number[])[]): Tensor[];
};

/**
 * Finds the current backend's way to copy many tensors in one call; `undefined` where it has none.
 *
 * @example
 * ```ts
 * import { packingBackend } from '@steppe/kernels';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await tf.setBackend('cpu');
 * console.log(packingBackend()); // => undefined
 * ```
 */
export function packingBackend(): PackingBackend | undefined {
  const current: object = backend();
  return packs(current) ? current : undefined;
}

function packs(current: object): current is PackingBackend {
  const of = (name: string): unknown => Reflect.get(current, name);
  return typeof of('pack') === 'function' && typeof of('unpack') === 'function';
}
