import { watchKeys } from '@steppe/kernels';
import { Tensor, type TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { Address, FunctionName, Library } from '../library.ts';
import { signatures } from '../library.ts';
import type { Data } from '../memory/data.ts';
import { type Block, type Filler, firstVirtual, type Pool } from '../memory/pool.ts';
import { functionNumbers, numbersOf, probed, queries } from './calls.ts';
import { CaptureError } from './capture-error.ts';
import { followKeys, type Keys } from './keys.ts';
import type { Buffer, Call, KernelCall, Place, Recording, Shaped } from './recording.ts';

/** Watches the calls of C functions: hands them on, or records them and makes none. */
export type Recorder = {
  /** The functions, and the memory, that kernels work with. */
  readonly library: Library;
  readonly pool: Pool;
  readonly isRecording: () => boolean;
  /** The keys of what is being recorded. */
  readonly keys: () => Keys;
  /** Runs `use`, whose kernels are recorded and not run: tensors have addresses without memory behind them. */
  readonly record: <Result>(use: () => Result) => readonly [result: Result, recording: Recording];
  /** What was recorded last, also where that was given up. */
  readonly recorded: () => Recording;
  /** Says that the buffer at an address is bound at a replay. */
  readonly bind: (address: Address) => void;
  /** The buffer that an address lies in. */
  readonly placeOf: (address: Address) => Place;
  /** Begins a kernel; `find` gives what is behind its inputs. */
  readonly enter: (name: string, inputs: Given, attrs: object, find: (id: object) => Data) => void;
  /** Adds a call that is made otherwise than by a C function. */
  readonly add: (call: Call) => void;
  /** The number of a function in programs. */
  readonly numberOf: (name: FunctionName) => number;
  /** Notes an input of a kernel: the tensors that were there before are known by it. */
  readonly see: (data: Data, x: TensorInfo) => void;
  /** A table of 64-bit words, of which some are addresses. */
  readonly table: (words: readonly number[], isAddress: (index: number) => boolean) => Address;
  /** Refuses what cannot be replayed, also where `use` hides the error. */
  readonly refuse: (what: string) => never;
};

/** Small arguments are written to these words and passed as their address. */
type Words = { readonly words: Int32Array; readonly wordsAddress: Address };

/** The inputs of a kernel. */
type Given = Readonly<Record<string, TensorInfo | null | undefined>>;

const alignment = 64;
const noMemory = new ArrayBuffer(0);
const noKernel: KernelCall = { name: 'a kernel', inputs: {}, attrs: {} };

/** Makes a recorder over a library and a pool, which does nothing until it is asked to. */
export function createRecorder(library: Library, pool: Pool, { words, wordsAddress }: Words): Recorder {
  // Addresses are never given twice, so that a tensor kept from an earlier recording is found out.
  let next = firstVirtual;
  let recording = false;
  let refused: CaptureError | undefined;
  let calls: Call[] = [];
  let buffers: Buffer[] = [];
  let starts: { readonly address: Address; readonly buffer: number }[] = [];
  let outside: { readonly data: Data; readonly buffer: number }[] = [];
  let known = new Map<string, Place>();
  let kernel: KernelCall = noKernel;
  let keys: Keys | undefined;

  const numberOf = functionNumbers(library, pool);
  const refuse = (what: string): never => {
    refused ??= new CaptureError(what);
    throw refused;
  };
  const add = (buffer: Buffer): Address => {
    const address = next;
    starts.push({ address, buffer: buffers.length });
    buffers.push(buffer);
    next += Math.ceil((buffer.bytes + 1) / alignment) * alignment;
    return address;
  };
  const take = (bytes: number, filler: Filler): Block => {
    if (filler === 'move') return pool.take(bytes);
    if (filler === 'host') {
      const values = new Uint8Array(bytes);
      const address = add({ kind: 'constant', bytes, values });
      return { buffer: values.buffer, offset: 0, size: bytes, address };
    }
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const closed = (): never => {
      if (recording) refuse(`${kernel.name} or what follows it reads values back to the host (data, dataSync, array)`);
      throw new Error('A tensor that was made and kept (tf.keep) while a function was recorded has no values.');
    };
    return { buffer: noMemory, offset: 0, size, address: add({ kind: 'internal', bytes: size }), closed };
  };
  const placeOf = (address: Address): Place => {
    if (address < firstVirtual) {
      const found = outside.find(
        ({ data }) => address >= data.address && address < data.address + (data.block?.size ?? 0),
      );
      if (!found) return refuse(`${kernel.name} uses memory that no tensor holds: please report this`);
      return { buffer: found.buffer, offset: address - found.data.address };
    }
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle]?.address ?? 0) <= address) low = middle;
      else high = middle;
    }
    const start = starts[low];
    if (!start || start.address > address)
      return refuse(`${kernel.name} gets a tensor that was made and kept at an earlier recording (tf.keep)`);
    return { buffer: start.buffer, offset: address - start.address };
  };
  const literal = (count: number): Place => {
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) numbers.push(words[i] ?? 0);
    const key = numbers.join();
    const before = known.get(key);
    if (before) return before;
    const place = placeOf(add({ kind: 'numbers', bytes: numbers.length * 4, numbers }));
    known.set(key, place);
    return place;
  };
  /** `steppe_conv_fusion` of steppe.h, the one structure among the small arguments: four pointers and two flags. */
  const fusionTable = (from: number): Address => {
    const wordAt = (i: number): number => (words[from + 2 * i] ?? 0) + (words[from + 2 * i + 1] ?? 0) * 2 ** 32;
    const pointerAt = (i: number): number =>
      ((words[from + 2 * i] ?? 0) >>> 0) + (words[from + 2 * i + 1] ?? 0) * 2 ** 32;
    return table(
      [0, 1, 2, 3, 4].map((i) => (i < 4 ? pointerAt(i) : wordAt(i))),
      (i) => i < 4,
    );
  };
  const argumentOf = (name: FunctionName, value: number, args: readonly number[]): number | Place => {
    if (value < wordsAddress || value >= wordsAddress + words.byteLength) return placeOf(value);
    if (value !== wordsAddress) return placeOf(fusionTable((value - wordsAddress) / 4));
    const count = numbersOf[name]?.(args);
    return count === undefined ? refuse(`${kernel.name} runs ${name}, which is not known to captures`) : literal(count);
  };
  // This runs a few thousand times, most of them before V8 has compiled it: hence the plain loops.
  const call = (name: FunctionName, parameters: string, args: readonly number[]): number => {
    if (numberOf(name) < 0) return refuse(`${kernel.name} runs ${name}, which has no place in programs`);
    const status = probed(library, name, args, wordsAddress + (words.length - 3) * 4);
    if (status !== 0) return status;
    const given: (number | Place)[] = [];
    for (let i = 0; i < args.length; i++) {
      const value = args[i] as number;
      given.push(parameters[i] === 'p' && value !== 0 ? argumentOf(name, value, args) : value);
    }
    calls.push({ name, arguments: given, kernel });
    return 0;
  };
  const watched = (name: FunctionName, run: Library[FunctionName]): Library[FunctionName] => {
    const [parameters = '', result] = signatures[name].split(':');
    if (queries.includes(name)) return run;
    const recorded =
      result === 'i'
        ? (args: readonly number[]) => call(name, parameters, args)
        : () => refuse(`${kernel.name} runs ${name}, which has no place in programs`);
    return (...args) => (recording ? recorded(args) : run(...args));
  };
  const names = Object.keys(library) as FunctionName[];
  const wrapped = Object.fromEntries(names.map((name) => [name, watched(name, library[name])])) as Library;

  const recorded = (): Recording => ({ calls: keys?.drawing(calls) ?? [], buffers });

  return {
    library: wrapped,
    pool: {
      ...pool,
      take: (bytes, filler = 'kernel') => (recording ? take(bytes, filler) : pool.take(bytes)),
      give: (block) => {
        if (block.address < firstVirtual) pool.give(block);
      },
    },
    isRecording: () => recording,
    keys: () => keys ?? refuse('nothing is recorded'),
    record: (use) => {
      [calls, buffers, starts, outside, known, refused] = [[], [], [], [], new Map(), undefined];
      const followed = followKeys(buffers, refuse);
      keys = followed;
      recording = true;
      try {
        const result = watchKeys(followed.watch, use);
        if (refused) throw refused;
        return [result, recorded()];
      } catch (error) {
        throw refused ?? error;
      } finally {
        recording = false;
        kernel = noKernel;
      }
    },
    recorded,
    bind: (address) => {
      const { buffer } = placeOf(address);
      buffers[buffer] = { kind: 'input', bytes: buffers[buffer]?.bytes ?? 0 };
    },
    placeOf,
    enter: (name, inputs, attrs, find) => {
      const shapes: Record<string, Shaped> = {};
      for (const input of Object.keys(inputs)) {
        const x = inputs[input];
        if (x) shapes[input] = { dtype: x.dtype, shape: x.shape };
      }
      kernel = { name, inputs: shapes, attrs };
      for (const input of Object.keys(shapes)) {
        const x = inputs[input] as TensorInfo;
        see(find(x.dataId), x);
      }
    },
    see,
    add: (call) => void calls.push(call),
    numberOf,
    table,
    refuse,
  };

  function table(given: readonly number[], isAddress: (index: number) => boolean): Address {
    const linked = given.map((word, i) => (isAddress(i) && word !== 0 ? placeOf(word) : word));
    return add({ kind: 'table', bytes: given.length * 8, words: linked });
  }

  function see(data: Data, x: TensorInfo): void {
    // A recording that reads it keeps its memory, so that it would be found.
    if (x instanceof Tensor && x.isDisposed) throw new Error('A tensor is used after it was disposed.');
    if (data.address === 0 || data.address >= firstVirtual) return;
    if (x instanceof Variable)
      refuse(`${kernel.name} reads the variable ${x.name}, which may be assigned to: pass in a tensor of its value`);
    if (outside.some((each) => each.data === data)) return;
    outside.push({ data, buffer: buffers.length });
    buffers.push({ kind: 'outside', bytes: data.block?.size ?? 0, tensor: x });
  }
}
