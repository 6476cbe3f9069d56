import { packingBackend } from '@steppe/kernels';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Backends whose tensors copy the values that they are made of; the others may keep them. */
const copying: readonly string[] = ['native', 'wasm'];

/**
 * Writes share · x of float32 tensors one behind the other, with the bits of `tf.mul`, and says whether all x are finite.
 */
export function writeFloats(tensors: readonly Tensor[], share: number, floats: Float32Array): boolean {
  const packing = packingBackend();
  if (packing !== undefined) return Number.isFinite(packing.pack(tensors, share, floats));
  // What numbers multiply tensors as.
  const factor = Math.fround(share);
  let [at, odd] = [0, 0];
  for (const tensor of tensors) {
    const values = tensor.dataSync<'float32'>();
    for (let i = 0; i < values.length; i++) {
      const x = values[i] as number;
      floats[at + i] = x * factor;
      // 0 for every finite x, NaN for others.
      odd += x - x;
    }
    at += values.length;
  }
  return odd === 0;
}

/** Makes float32 tensors of what lies one behind the other. */
export function readFloats(floats: Float32Array, shapes: readonly (readonly number[])[]): readonly Tensor[] {
  const packing = packingBackend();
  if (packing !== undefined) return packing.unpack(floats, shapes);
  const isCopied = copying.includes(tf.getBackend());
  let at = 0;
  return shapes.map((shape) => {
    const begin = at;
    at += tf.util.sizeFromShape([...shape]);
    return tf.tensor(isCopied ? floats.subarray(begin, at) : floats.slice(begin, at), [...shape], 'float32');
  });
}
