import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Address } from '../library.ts';
import type { Block } from './pool.ts';

/** Element types that the C kernels know. */
export type NumericType = 'float32' | 'int32' | 'bool';

/** What a tensor's values look like from JavaScript. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** What stands behind a tensor. It is its own data id, so that a kernel finds an address without a look-up. */
export type Data = {
  /** Whether this backend holds the values now: they may have been disposed, or have moved to another backend. */
  live: boolean;
  dtype: DataType;
  /** Elements. */
  size: number;
  address: Address;
  block: Block | undefined;
  /** A view of the block, made when JavaScript first asks for it; for strings the encoded strings themselves. */
  values: Values | Uint8Array[] | undefined;
  refCount: number;
  complexTensorInfos: { real: TensorInfo; imag: TensorInfo } | undefined;
};

const numeric: Readonly<Record<string, boolean>> = { float32: true, int32: true, bool: true };

/** Whether the kernels know this element type. */
export function isNumeric(dtype: string): dtype is NumericType {
  return numeric[dtype] === true;
}

/** Bytes of an element. */
export function bytesPerElement(dtype: DataType): number {
  return dtype === 'bool' ? 1 : 4;
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** The values as a typed array over the tensor's own memory: read at once, never keep. */
export function valuesOf(data: Data): Values | Uint8Array[] | undefined {
  if (data.values || !data.block) return data.values;
  const { buffer, offset, closed } = data.block;
  closed?.();
  data.values = valuesAs(data.dtype, buffer, offset, data.size);
  return data.values;
}

/** Memory as elements of a type. */
export function valuesAs(dtype: DataType, buffer: ArrayBufferLike, offset = 0, size?: number): Values {
  if (dtype === 'float32') return new Float32Array(buffer, offset, size);
  return dtype === 'int32' ? new Int32Array(buffer, offset, size) : new Uint8Array(buffer, offset, size);
}
