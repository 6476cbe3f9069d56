import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { FunctionName } from '../library.ts';

/** An address in a recording: so many bytes behind the start of a buffer. */
export type Place = { readonly buffer: number; readonly offset: number };

/** What a recorded pointer points into. */
export type Buffer =
  /** What the call is given, and what is made on the way or given back. */
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

/** One call of a C function; null pointers are the number 0. */
export type Call = {
  readonly name: FunctionName;
  readonly arguments: readonly (number | Place)[];
  readonly kernel: KernelCall;
};

/** The C calls that a function ended in. */
export type Recording = { readonly calls: readonly Call[]; readonly buffers: readonly Buffer[] };

const sameArgument = (a: number | Place | undefined, b: number | Place | undefined): boolean =>
  typeof a === 'object' && typeof b === 'object' ? a.buffer === b.buffer && a.offset === b.offset : Object.is(a, b);

const sameList = <T>(
  a: readonly T[],
  b: readonly T[],
  same: (a: T | undefined, b: T | undefined) => boolean,
): boolean => a.length === b.length && a.every((each, i) => same(each, b[i]));

/** What differs between two buffers that should be the same, in words. */
function bufferDifference(a: Buffer, b: Buffer): string | undefined {
  if (a.kind !== b.kind || a.bytes !== b.bytes) return 'it makes tensors of other sizes';
  if (a.kind === 'outside' && b.kind === 'outside' && a.tensor.dataId !== b.tensor.dataId)
    return `it reads a tensor of [${a.tensor.shape}] that is none of its inputs, and each time another one: pass it in`;
  if (a.kind === 'constant' && b.kind === 'constant' && !sameList([...a.values], [...b.values], Object.is))
    return `it makes a tensor of ${a.bytes} bytes from numbers of the host that change (tf.scalar, tf.tensor or tf.random*): pass in a tensor of them`;
  if (a.kind === 'table' && b.kind === 'table' && !sameList(a.words, b.words, sameArgument))
    return 'it hands other tensors to a kernel over a whole tree';
  if (a.kind === 'numbers' && b.kind === 'numbers' && !sameList(a.numbers, b.numbers, Object.is))
    return 'a kernel gets other shapes or strides';
  return undefined;
}

/** What differs between two recordings of one function, in words; `undefined` where it does the same again. */
export function difference(a: Recording, b: Recording): string | undefined {
  for (let i = 0; i < Math.max(a.calls.length, b.calls.length); i++) {
    const [first, second] = [a.calls[i], b.calls[i]];
    if (!first || !second) return `it runs ${a.calls.length} kernels, then ${b.calls.length}`;
    const { kernel, name } = first;
    if (name !== second.name || kernel.name !== second.kernel.name)
      return `kernel ${i} is ${kernel.name}, then ${second.kernel.name}`;
    for (const [at, place] of first.arguments.entries()) {
      const other = second.arguments[at];
      const [one, two] = [place, other].map((each) => (typeof each === 'object' ? each.buffer : -1));
      const of = bufferDifference(a.buffers[one ?? -1] ?? none, b.buffers[two ?? -1] ?? none);
      if (of) return `${of} (for ${kernel.name})`;
      if (!sameArgument(place, other)) return `${kernel.name} gets a number or a place that changes`;
    }
  }
  return undefined;
}

const none: Buffer = { kind: 'internal', bytes: 0 };
