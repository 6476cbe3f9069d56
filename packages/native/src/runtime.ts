import { type PreciseBackend, precisions } from '@steppe/kernels';
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { Refusal, shown } from './arguments/refusal.ts';
import type { Recorder } from './capture/recorder.ts';
import type { Shaped } from './capture/recording.ts';
import type { Address, Library } from './library.ts';
import type { Pool } from './memory/pool.ts';
import type { Storage } from './memory/storage.ts';

/** What every kernel works with. */
export type Runtime = {
  readonly library: Library;
  readonly storage: Storage;
  readonly pool: Pool;
  /** Small arguments (shapes, strides, a convolution's numbers) are written here and passed as one address. */
  readonly words: Int32Array;
  readonly wordsAddress: Address;
  /** Records calls instead of making them, when it is asked to. */
  readonly recorder: Recorder;
  /** Knows how convolutions and matrix products multiply now. */
  readonly backend: PreciseBackend & KernelBackend;
};

/** The C code of the precision to multiply in now. */
export const precisionCode = ({ backend: { precision, inFloat32 } }: Runtime): number =>
  inFloat32.includes(precision) ? 0 : precisions.indexOf(precision);

/** One tfjs kernel: its name, and what it does. `undefined` means that these arguments are for the CPU backend's
 * kernel. */
export type Kernel = {
  readonly name: string;
  run(
    inputs: Readonly<Record<string, TensorInfo>>,
    attrs: Readonly<Record<string, unknown>>,
  ): TensorInfo | TensorInfo[] | undefined;
};

/** Inputs by name. */
export type Inputs<Names extends string> = Readonly<Record<Names, TensorInfo>>;

/** Names a kernel whose inputs and attributes have the types that tfjs gives them. */
export function kernel<Names extends string, Attrs extends object = Record<never, never>>(
  name: string,
  run: (inputs: Inputs<Names>, attrs: Attrs) => TensorInfo | TensorInfo[] | undefined,
): Kernel {
  return { name, run: (inputs, attrs) => run(inputs, attrs as Attrs) };
}

const typeCodes: Readonly<Record<string, number>> = { float32: 0, int32: 1, bool: 2 };

/** The C code of an element type, or `undefined` for complex64 and string, which have no native kernels. */
export function typeCode(dtype: string): number | undefined {
  return typeCodes[dtype];
}

/** `STEPPE_UNSUPPORTED` of steppe.h. */
export const unsupported = 2;

/** `STEPPE_OUT_OF_RANGE` of steppe.h. */
export const outOfRange = 3;

/** A C function returned something other than `STEPPE_OK`. What calls the kernel names it, and says what it was called
 * with. */
class KernelFailure extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`A native kernel failed with status ${status}.`);
    this.status = status;
  }
}

/** Checks a result. @throws When a C function refused its arguments or ran out of memory. */
export function check(status: number): void {
  if (status !== 0) throw new KernelFailure(status);
}

/** The error of a kernel in a user's words. */
export function explained(
  name: string,
  inputs: Readonly<Record<string, Shaped>>,
  attrs: object,
  error: unknown,
): unknown {
  if (error instanceof Refusal) return new Error(`${name}: ${error.message}`);
  // A kernel in JavaScript that took its arguments unchecked, and came to grief over them.
  if (error instanceof TypeError || error instanceof RangeError)
    return new Error(`${name} cannot be computed ${givenTo(inputs, attrs)}. (${error.message})`, { cause: error });
  if (!(error instanceof KernelFailure)) return error;
  if (error.status === 1)
    return new Error(`${name} ran out of memory: dispose tensors (tf.tidy), or use a smaller batch.`);
  return new Error(
    `${name} cannot be computed ${givenTo(inputs)}: shapes, types and attributes must fit together, and ` +
      'a tensor, with its padding, has at most 2147483647 elements.',
  );
}

/** What a kernel was given, in words. */
function givenTo(inputs: Readonly<Record<string, Shaped>>, attrs: object = {}): string {
  const tensors = Object.entries(inputs).map(([input, x]) => `${input} ${x?.dtype ?? 'none'}[${x?.shape ?? ''}]`);
  const numbers = Object.entries(attrs).map(([attr, value]) => `${attr} ${shown(value)}`);
  const all = [...tensors, ...numbers].join(', ');
  return all ? `from ${all}` : 'from nothing';
}

/** Runs `use` with scratch memory. */
export function withScratch<Result>({ pool }: Runtime, bytes: number, use: (address: Address) => Result): Result {
  if (bytes === 0) return use(0);
  if (bytes < 0) throw new KernelFailure(unsupported);
  const block = pool.take(bytes);
  try {
    return use(block.address);
  } finally {
    pool.give(block);
  }
}

/** Calls `use` with the address of a table of 64-bit words, of which some are addresses: the one way to hand C what holds
 * pointers, since a replay has to put other addresses there. */
export function withTable(
  { pool, recorder }: Runtime,
  words: readonly number[],
  isAddress: (index: number) => boolean,
  use: (table: Address) => void,
): void {
  if (recorder.isRecording()) {
    use(recorder.table(words, isAddress));
    return;
  }
  const block = pool.take(words.length * 8);
  const halves = new Uint32Array(block.buffer, block.offset, words.length * 2);
  words.forEach((word, i) => {
    halves[2 * i] = word % 2 ** 32;
    halves[2 * i + 1] = Math.floor(word / 2 ** 32);
  });
  try {
    use(block.address);
  } finally {
    pool.give(block);
  }
}
