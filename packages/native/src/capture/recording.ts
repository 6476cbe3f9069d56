import type { Callback } from '@steppe/kernels';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { FunctionName } from '../library.ts';

/** An address in a recording: so many bytes behind the start of a buffer. */
export type Place = { readonly buffer: number; readonly offset: number };

/** What a recorded pointer points into. */
export type Buffer =
  /** What the call is given, by callbacks also, and what is made on the way or given back. */
  | { readonly kind: 'input' | 'internal'; readonly bytes: number }
  /** A tensor that is none of the inputs and was there before. */
  | { readonly kind: 'outside'; readonly bytes: number; readonly tensor: TensorInfo }
  /** A random key, given or derived. */
  | { readonly kind: 'key'; readonly bytes: 8 }
  /** A tensor made of host numbers. */
  | { readonly kind: 'constant'; readonly bytes: number; readonly values: Uint8Array }
  /** Words of 64 bits, some of them addresses. */
  | { readonly kind: 'table'; readonly bytes: number; readonly words: readonly (number | Place)[] }
  /** Shapes, strides and the like: int32. */
  | { readonly kind: 'numbers'; readonly bytes: number; readonly numbers: readonly number[] };

/** What a tensor is said to be, without its values. */
export type Shaped = { readonly dtype: DataType; readonly shape: number[] };

/** The kernel of tfjs that a call is made for, for messages. */
export type KernelCall = {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Shaped>>;
  readonly attrs: object;
};

/** A callback without its tensors. */
export type Recalled = Omit<Callback, 'inputs'> & { readonly inputs: readonly Shaped[] };

/** One call of a C function; null pointers are the number 0. */
export type Call = {
  readonly name: FunctionName | 'callback';
  readonly arguments: readonly (number | Place)[];
  readonly kernel: KernelCall;
  /** Of a callback, whose arguments are its inputs, and then its results. */
  readonly callback?: Recalled;
};

/** The C calls that a function ended in. */
export type Recording = { readonly calls: readonly Call[]; readonly buffers: readonly Buffer[] };
