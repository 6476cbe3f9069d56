import * as tf from '@tensorflow/tfjs-core';

/** A tensor's numbers in this process's memory. */
export type Values = {
  readonly bytes: Uint8Array;
  /** Whether the bytes are the tensor's still: those that were not copied are not when it has moved to another backend
   * meanwhile, and the memory is another tensor's by now. */
  readonly isCurrent: () => boolean;
};

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** The numbers where they lie, on a backend that computes in JavaScript's own memory, as `native` and `cpu` do: to copy a
 * large model would stop training for a good part of the time that its file takes. */
function inPlace(leaf: tf.Tensor): Float32Array | Int32Array | Uint8Array | undefined {
  const { data } = Object(tf.engine().state.tensorInfo.get(leaf.dataId)?.backend);
  const values: unknown = typeof data?.get === 'function' ? Object(data.get(leaf.dataId)).values : undefined;
  const isWhole = values instanceof arrays[leaf.dtype as keyof typeof arrays] && values.length === leaf.size;
  return isWhole ? values : undefined;
}

/** Gives the bytes of a tensor as they are, without a copy where that can be; the tensor must stay until they are read. */
export async function valuesOf(leaf: tf.Tensor): Promise<Values> {
  const lent = inPlace(leaf);
  const { buffer, byteOffset, byteLength } = lent ?? (await leaf.data());
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return { bytes, isCurrent: () => lent === undefined || inPlace(leaf) === lent };
}
