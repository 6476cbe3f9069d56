import type { KeyWords } from '@steppe/kernels';
import { type DataType, engine, keep, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { type Data, valuesAs, valuesOf } from '../memory/data.ts';
import type { Block } from '../memory/pool.ts';
import { check, type Runtime } from '../runtime.ts';
import type { Arena } from './arena.ts';
import { arena as arenaBinding, bind, itself } from './bindings.ts';
import { handingsOf, remake } from './callback.ts';
import { failure } from './failure.ts';
import { withFolds } from './passes/folds.ts';
import { withResiduals } from './passes/residuals.ts';
import { inSweeps } from './passes/sweeps.ts';
import type { Take } from './take.ts';
import { type Link, wordsOf } from './words.ts';

/** A tensor that a recorded function gives back. */
export type Output = { readonly buffer: number; readonly shape: number[]; readonly dtype: DataType };

/** A recording of which one call of C makes all the calls again, or one for each part between callbacks. */
export type Program = {
  /** Runs it on other inputs, and gives its outputs, which are new tensors or share the memory of inputs. @throws When a
   * call fails, what its kernel throws. */
  run(inputs: readonly TensorInfo[], keys: readonly KeyWords[]): TensorInfo[];
  /** A random key as the last run has left it. */
  key(buffer: number): KeyWords;
  dispose(): void;
};

/** Makes a program of a recording; where it may `fuse` calls, of fewer than were recorded. */
export function createProgram(
  runtime: Runtime,
  { recording: live, inputs, outputs, keys }: Pick<Take, 'recording' | 'inputs' | 'outputs' | 'keys'>,
  arena: Arena,
  fuse: boolean,
): Program {
  const { library, pool, storage, backend, recorder } = runtime;
  const given = outputs.map(({ buffer }) => buffer);
  const handed = handingsOf(live, given);
  const callbackInputs = handed.flatMap((each) => each.inputs);
  const callbackResults = handed.flatMap((each) => each.results);
  const buffersOut = [...given, ...callbackInputs.map(({ buffer }) => buffer)];
  const recording = fuse ? inSweeps(withFolds(withResiduals(live, buffersOut), buffersOut), buffersOut) : live;
  const buffersIn = [...inputs, ...callbackResults];
  // In a pool that watches for damage every piece has guards of its own.
  const bindings = bind(recording, buffersIn, buffersOut, !pool.verify);
  // Passes may have moved what reads their inputs.
  const handings = handingsOf(recording, given);
  const { halves, end, links, begins, cuts, inside } = wordsOf(recording, recorder.numberOf, bindings.locations);

  const blocks: Block[] = [];
  const block = (bytes: number): Block => {
    const taken = pool.take(bytes);
    blocks.push(taken);
    return taken;
  };
  const words = block(halves.byteLength);
  const written = new Uint32Array(words.buffer, words.offset, halves.length);
  written.set(halves);
  const linked = block(links.length * 24);
  writeLinks(linked, links);
  const sizes = block(bindings.bytes.length * 8);
  realsOf(sizes, bindings.bytes.length).set(bindings.bytes.with(itself, halves.byteLength));
  const places = block(bindings.bytes.length * 8);
  const addresses = realsOf(places, bindings.bytes.length);
  addresses[itself] = words.address;
  for (const binding of bindings.apart) addresses[binding] = block(bindings.bytes[binding] ?? 0).address;
  const held = new Map<number, { readonly tensor: Tensor; readonly binding: number }>();
  for (const [buffer, { binding, tensor }] of bindings.outside) {
    const alias = storage.alias(tensor, tensor.shape);
    held.set(buffer, { tensor: keep(engine().makeTensorFromTensorInfo(alias, backend)), binding });
  }
  const { address } = words;
  const table = [linked.address, links.length] as const;
  check(library.steppe_program_check(address, end, halves.length / 2, ...table, sizes.address, bindings.bytes.length));

  /** A tensor of what is in a buffer: over memory that was made for it, where nobody else needs that, or shared. */
  const tensorIn = (
    { buffer, shape, dtype }: Output,
    isLast: boolean,
    made: Map<number, TensorInfo>,
    there: readonly TensorInfo[],
  ): TensorInfo => {
    const own = made.get(buffer);
    if (own && isLast) {
      made.delete(buffer);
      return { ...own, shape };
    }
    const shared = own ?? there[buffersIn.indexOf(buffer)] ?? held.get(buffer)?.tensor;
    if (shared) return storage.alias(shared, shape);
    const constant = recording.buffers[buffer];
    const values = constant?.kind === 'constant' ? valuesAs(dtype, constant.values.buffer) : undefined;
    return { dataId: storage.write(values, shape, dtype), shape, dtype };
  };
  const bindInput = (i: number, x: TensorInfo): void => {
    addresses[bindings.inputs[i] ?? 0] = addressOf(storage.get(x.dataId));
  };
  /** Makes the calls from one word to another. */
  const play = (from: number, to: number): void => {
    // Links count words from the first one.
    if (from > 0) library.steppe_replay(address, 0, ...table, places.address);
    const own = from > 0 ? ([table[0], 0] as const) : table;
    const status = library.steppe_replay(address + 8 * from, to - from, ...own, places.address);
    pool.verify?.('A captured function');
    if (status !== 0) throw failure(recording.calls[begins.indexOf(from + Math.floor(status / 256))], status % 256);
  };

  return {
    key: (buffer) => {
      const word = 2 * (inside.get(buffer) ?? 0);
      return [written[word] ?? 0, written[word + 1] ?? 0];
    },
    run: (leaves, givenKeys) => {
      for (const [i, key] of givenKeys.entries()) written.set(key, 2 * (inside.get(keys[i] ?? 0) ?? 0));
      const size = bindings.bytes[arenaBinding] ?? 0;
      addresses[arenaBinding] = size > 0 ? arena.at(size) : 0;
      const bindGiven = (): void => {
        // A tensor that was used on another backend has come back to another place.
        for (const { tensor, binding } of held.values()) addresses[binding] = addressOf(storage.get(tensor.dataId));
        for (const [i, x] of leaves.entries()) bindInput(i, x);
      };
      bindGiven();
      const made = new Map<number, TensorInfo>();
      const results: Tensor[] = [];
      try {
        for (const { buffer, shape, dtype } of [...outputs, ...callbackInputs]) {
          const binding = bindings.outputs.get(buffer);
          if (binding === undefined || made.has(buffer)) continue;
          const info = storage.output(shape, dtype);
          made.set(buffer, info);
          addresses[binding] = storage.get(info.dataId).address;
        }
        let from = 0;
        for (const [i, { callback, inputs: read }] of handings.entries()) {
          const to = cuts[i] ?? end;
          play(from, to);
          from = to;
          const there = [...leaves, ...results];
          const infos = read.map((x) => tensorIn(x, x.isLast, made, there));
          for (const result of remake(runtime, callback, infos))
            bindInput(inputs.length + results.push(result) - 1, result);
          // The callback may have moved or freed them.
          bindGiven();
        }
        play(from, end);
        const there = [...leaves, ...results];
        return outputs.map((x, i) => tensorIn(x, given.lastIndexOf(x.buffer) === i, made, there));
      } finally {
        for (const info of [...made.values()]) engine().makeTensorFromTensorInfo(info, backend).dispose();
        for (const result of results) result.dispose();
      }
    },
    dispose: () => {
      for (const { tensor } of held.values()) tensor.dispose();
      for (const taken of blocks.splice(0)) pool.give(taken);
    },
  };
}

/** Where the values of a tensor are, which it has. */
function addressOf(data: Data): number {
  valuesOf(data);
  return data.address;
}

const realsOf = ({ buffer, offset }: Block, count: number): Float64Array => new Float64Array(buffer, offset, count);

/** Links as `steppe_link` of program.h: three words of 64 bits each, in halves. */
function writeLinks({ buffer, offset }: Block, links: readonly Link[]): void {
  const halves = new Uint32Array(buffer, offset, 6 * links.length);
  halves.fill(0);
  for (let i = 0; i < links.length; i++) {
    const { word, binding, offset: from } = links[i] as Link;
    halves[6 * i] = word;
    halves[6 * i + 2] = binding;
    halves[6 * i + 4] = from;
    if (from >= 2 ** 32) halves[6 * i + 5] = Math.floor(from / 2 ** 32);
  }
}
