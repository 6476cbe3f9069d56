import type { PackingBackend } from '@steppe/kernels';
import { engine, type TensorInfo } from '@tensorflow/tfjs-core';
import { refuse } from './arguments/refusal.ts';
import { floats as checkFloats, live } from './arguments/tensors.ts';
import type { Address } from './library.ts';
import { sizeOf } from './memory/data.ts';
import { check, explained, type Runtime, withTable } from './runtime.ts';

/** What a leaf is copied from and to, and its elements. */
type Copy = readonly [size: number, from: Address, to: Address];

/** Copies many tensors into an array of the host and out of one, by one call of C each. */
export function packingOn(runtimeOf: () => Runtime, placeOf: (view: ArrayBufferView) => Address): PackingBackend {
  /** Copies, each times the factor, and gives the largest magnitude of what was there, when it packs. */
  const copy = (name: 'pack' | 'unpack', copies: readonly Copy[], factor: number): number => {
    const runtime = runtimeOf();
    const { library, pool } = runtime;
    const block = pool.take(8);
    const numbers = new Float32Array(block.buffer, block.offset, 2);
    numbers[0] = factor;
    // Each a `steppe_leaf` of steppe.h.
    const words = copies.flatMap(([size, from, to]) => [size, from, 0, 0, to, 0]);
    const { address } = block;
    const call = (table: Address): void =>
      check(
        name === 'pack'
          ? library.steppe_tree_pack(table, copies.length, address, address + 4)
          : library.steppe_tree_scale(table, copies.length, address),
      );
    try {
      withTable(runtime, words, () => false, call);
      pool.verify?.(name);
      return numbers[1] ?? 0;
    } finally {
      pool.give(block);
    }
  };
  /** Runs what copies between tensors of these shapes and an array, of which it is given the places by leaf. */
  const run = <Result>(
    name: 'pack' | 'unpack',
    shapes: readonly (readonly number[])[],
    floats: Float32Array,
    use: (places: readonly (readonly [size: number, place: Address])[]) => Result,
  ): Result => {
    const { recorder } = runtimeOf();
    if (recorder.isRecording()) recorder.refuse(`what calls ${name} reads values back to the host`);
    try {
      const sizes = shapes.map(sizeOf);
      const length = sizes.reduce((sum, size) => sum + size, 0);
      if (!(floats instanceof Float32Array)) refuse('floats', 'a Float32Array', floats);
      if (floats.length < length) refuse('floats', `of at least ${length} numbers`, floats.length);
      let at = placeOf(floats);
      return use(
        sizes.map((size) => {
          at += 4 * size;
          return [size, at - 4 * size];
        }),
      );
    } catch (error) {
      throw explained(name, {}, {}, error);
    }
  };
  return {
    pack: (tensors, factor, floats) => {
      const { storage } = runtimeOf();
      const shapes = tensors.map(({ shape }) => shape);
      return run('pack', shapes, floats, (places) => {
        live(storage, { tensors });
        for (const [i, tensor] of tensors.entries()) checkFloats(`tensor ${i}`, tensor);
        const from = (i: number): Address => storage.get((tensors[i] as TensorInfo).dataId).address;
        return copy(
          'pack',
          places.map(([size, place], i): Copy => [size, from(i), place]),
          factor,
        );
      });
    },
    unpack: (floats, shapes) => {
      const { storage, backend } = runtimeOf();
      return run('unpack', shapes, floats, (places) => {
        const made: TensorInfo[] = [];
        try {
          for (const shape of shapes) made.push(storage.output([...shape], 'float32'));
          const to = (i: number): Address => storage.get((made[i] as TensorInfo).dataId).address;
          copy(
            'unpack',
            places.map(([size, place], i): Copy => [size, place, to(i)]),
            1,
          );
        } catch (error) {
          for (const { dataId } of made) storage.dispose(dataId);
          throw error;
        }
        return made.map((info) => engine().makeTensorFromTensorInfo(info, backend));
      });
    },
  };
}
