import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { deserialize, dispose, readSafetensors, serialize } from '../../src/index.ts';

const others = new Uint8Array(readFileSync(new URL('../fixtures/others.safetensors', import.meta.url)));

/** A file of one tensor, written independently of the reader. */
function file(dtype: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = JSON.stringify({ w: { dtype, shape, data_offsets: [0, data.length] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([length, Buffer.from(header), data]));
}

describe('readSafetensors', () => {
  test('reads every type and name that the library of the authors of the format wrote', async () => {
    const before = tf.memory().numTensors;
    const { tensors, metadata } = await readSafetensors(others);
    expect(metadata).toEqual({ format: 'np', é: '日' });
    const read = Object.fromEntries(
      Object.entries(tensors).map(([name, x]) => [name, [x.dtype, x.shape, [...x.dataSync()]]]),
    );
    const rounded = (values: number[]) => values.map(Math.fround);
    const brain = new Float32Array(Uint32Array.of(0x3fc00000, 0xff620000, 0x00010000, 0x3dcd0000).buffer);
    expect(read).toEqual(
      Object.fromEntries([
        ['f64', ['float32', [2, 2], rounded([1.5, -0, 0.1, 3e38])]],
        ['f32', ['float32', [3], rounded([Number.POSITIVE_INFINITY, -0, 1e-45])]],
        ['f16', ['float32', [5], [1.5, -65504, 2 ** -24, Number.POSITIVE_INFINITY, 0.0999755859375]]],
        ['bf16', ['float32', [4], [...brain]]],
        ['i64', ['int32', [2], [-(2 ** 31), 2 ** 31 - 1]]],
        ['u8', ['int32', [1, 2], [0, 255]]],
        ['i8', ['int32', [2], [-128, 127]]],
        ['u16', ['int32', [1], [65535]]],
        ['i16', ['int32', [1], [-32768]]],
        ['i32', ['int32', [], [-7]]],
        ['bool', ['bool', [2], [1, 0]]],
        ['0', ['float32', [0, 3], []]],
        ['a "name" of é, 日 and /\\\n', ['float32', [1], [1]]],
        ['__proto__', ['float32', [1], [1]]],
      ]),
    );
    dispose(...Object.values(tensors));
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    ['F8_E4M3', [2], Uint8Array.of(1, 2), /^The tensor "w" has the type F8_E4M3, which is not read here, of F32, F16,/],
    ['F4', [3, 2], Uint8Array.of(1, 2, 3), 'The tensor "w" has the type F4, which is not read here'],
    ['C64', [1], new Uint8Array(8), 'has the type C64'],
    ['I64', [1], new Uint8Array(8).fill(1), 'of type I64 holds 72340172838076670, which is no int32'],
    ['U32', [1], new Uint8Array(4).fill(255), 'of type U32 holds 4294967295, which is no int32'],
    ['F64', [1], new Uint8Array(new Float64Array([1e300]).buffer), 'of type F64 holds 1e+300, which is no float32'],
    ['BOOL', [1], Uint8Array.of(2), 'of type BOOL holds 2, which is no bool'],
  ])('says in one line what of %s it does not read, and leaves nothing behind', async (dtype, shape, data, message) => {
    const before = tf.memory().numTensors;
    await expect(readSafetensors(file(dtype, shape, data))).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names damaged files as such', async () => {
    for (let end = 0; end < others.length; end += 7)
      await expect(readSafetensors(others.subarray(0, end))).rejects.toThrow(
        'Not an intact tree file: it is cut short',
      );
    await expect(readSafetensors(file('F4', [3], Uint8Array.of(1, 2)))).rejects.toThrow('Not an intact tree file');
    const ours = await serialize(tf.tensor1d([1, 2]));
    ours[ours.length - 1]! ^= 1;
    await expect(readSafetensors(ours)).rejects.toThrow('its data do not have the SHA-256');
  });

  test('reads what serialize wrote, which deserialize gives as a tree', async () => {
    const bytes = await serialize({ w: tf.tensor1d([1, -0]) });
    const { tensors } = await readSafetensors(bytes);
    expect([...tensors['.w']!.dataSync()]).toEqual([1, -0]);
    await expect(deserialize(others)).rejects.toThrow('A sound safetensors file of another library');
  });
});
