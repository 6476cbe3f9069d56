import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../../src/index.ts';
import { expectSameAsCpu, number, runKernel, tensorOf } from '../support.ts';

const typed = (shape: readonly number[]) =>
  fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const).chain((dtype) => {
    const values = {
      float32: number,
      int32: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
      bool: fc.integer({ min: 0, max: 1 }),
    };
    return tensorOf(shape, values[dtype], dtype);
  });

const shapes = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 })
  .filter((s) => s.reduce((a, b) => a * b, 1) < 500);

const block = shapes.chain((shape) =>
  fc.record({
    x: typed(shape),
    ends: fc.tuple(
      ...shape.map((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 0, max: size }))),
    ),
  }),
);

const repetition = shapes.chain((shape) =>
  fc.record({ x: typed(shape), reps: fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))) }),
);

describe('copies on WASM', () => {
  test.prop([block])('cut out the block that the CPU cuts out', ({ x, ends }) => {
    const begin = ends.map(([a, b]) => Math.min(a, b));
    const size = ends.map(([a, b]) => Math.abs(b - a));
    return expectSameAsCpu('Slice', { x }, { begin, size }, 0);
  });

  test.prop([repetition])('repeat as the CPU repeats', ({ x, reps }) => expectSameAsCpu('Tile', { x }, { reps }, 0));

  test.prop([shapes.chain(typed), fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const)])(
    'cast as the CPU casts',
    (x, dtype) => expectSameAsCpu('Cast', { x }, { dtype }, 0),
  );

  test.prop([
    shapes.chain((shape) => fc.record({ x: typed(shape), dims: fc.subarray([...shape.keys()]), below: fc.boolean() })),
  ])('turn around the axes that the CPU turns, from either end', ({ x, dims, below }) => {
    const named = dims.map((axis) => (below ? axis - x.shape.length : axis));
    return expectSameAsCpu('Reverse', { x }, { dims: named }, 0);
  });

  it('turn around long stretches, and nothing', async () => {
    await useBackend('wasm');
    tf.tidy(() => {
      const x = tf.range(0, 3 * 70);
      const expected = [2, 1, 0].flatMap((row) => Array.from({ length: 70 }, (_, i) => 70 * row + i));
      expect([...tf.reverse(tf.reshape(x, [3, 70]), 0).dataSync()]).toEqual(expected);
      expect([...tf.reverse(tf.scalar(3)).dataSync()]).toEqual([3]);
      expect(tf.reverse(tf.zeros([2, 0, 3]), [0, 1]).shape).toEqual([2, 0, 3]);
    });
  });

  it('of a whole tensor share its memory, and outlive it', async () => {
    await useBackend('wasm');
    const before = tf.memory().numDataBuffers;
    const x = tf.tensor1d([1, 2, 3]);
    const [clone, cast] = [tf.clone(x), tf.cast(x, 'float32')];
    expect(tf.memory().numDataBuffers).toBe(before + 1);
    x.dispose();
    expect([...clone.dataSync(), ...cast.dataSync()]).toEqual([1, 2, 3, 1, 2, 3]);
    tf.dispose([clone, cast]);
    expect(tf.memory().numDataBuffers).toBe(before);
  });

  it('of strings work too', async () => {
    await useBackend('wasm');
    const words = tf.tensor1d(['flat', 'minimum']);
    expect(tf.slice(words, [1], [1]).dataSync()).toEqual(['minimum']);
    expect(tf.tile(words, [2]).dataSync()).toEqual(['flat', 'minimum', 'flat', 'minimum']);
    words.dispose();
  });

  it('refuse a block outside of the tensor', async () => {
    const x = { shape: [2], values: [1, 2], dtype: 'float32' } as const;
    await expect(runKernel('wasm', 'Slice', { x }, { begin: [1], size: [2] })).rejects.toThrow('Error in slice1D');
  });
});
