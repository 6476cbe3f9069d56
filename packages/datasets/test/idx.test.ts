import { fc, test as law } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { fromIdx, parseCifar10, parseIdx } from '../src/index.ts';
import { idxFile } from './files.ts';

const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const header = (type: number, ...dims: number[]): Uint8Array =>
  Uint8Array.from([0, 0, type, dims.length, ...dims.flatMap(u32)]);

describe('parseIdx', () => {
  law.prop([fc.array(fc.nat(5), { minLength: 1, maxLength: 4 })])('reads back any array that was written', (dims) => {
    const data = Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i * 7);
    const read = parseIdx(idxFile(dims, data));
    expect(read.dims).toEqual(dims);
    expect([...read.data]).toEqual([...data]);
  });

  test.each([
    ['an empty file', [], 'ends after 0 of the 4 bytes'],
    ['an HTML page', [...Buffer.from('<!DOCTYPE html>')], 'starts with the bytes 3c 21'],
    ['floats', header(0x0d, 1), 'type 0d'],
    ['no sides', header(8), '1 to 4 sides here, got 0'],
    ['255 sides', [0, 0, 8, 255], '1 to 4 sides here, got 255'],
    ['a header cut short', [0, 0, 8, 3, 0, 0], 'ends after 6 of the 16 bytes'],
    ['a count of 2^32 - 1', header(8, 2 ** 32 - 1), 'declares 4294967295 = 4294967295 bytes, but 0 follow'],
    ['sides whose product is over 2^53', header(8, 2 ** 31, 2 ** 31, 2 ** 31), 'but 0 follow'],
    ['sides whose product is 0 modulo 2^64', header(8, 2 ** 31, 2 ** 31, 4, 1), 'but 0 follow'],
    ['one byte more', [...header(8, 2), 1, 2, 3], 'declares 2 = 2 bytes, but 3 follow'],
    ['one byte less', [...header(8, 2), 1], 'declares 2 = 2 bytes, but 1 follow'],
  ])('refuses %s in one line', (_, bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes))).toThrow(message);
    expect(() => parseIdx(Uint8Array.from(bytes))).toThrow(/^[^\n]*\.$/);
  });

  law.prop([fc.uint8Array({ maxLength: 64 })])(
    'answers any bytes with an array of their size or one clear line',
    (bytes) => {
      try {
        expect(parseIdx(bytes).data.buffer).toBe(bytes.buffer);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: [^\n]*idx[^\n]*\.$/);
      }
    },
  );
});

describe('fromIdx', () => {
  const images = idxFile(
    [3, 2, 2],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  );
  const labels = idxFile([3], Uint8Array.of(0, 9, 4));

  test('makes a split of an image file and a label file', () => {
    const split = fromIdx(images, labels);
    expect(split.shape).toEqual([2, 2, 1]);
    expect([...split.labels]).toEqual([0, 9, 4]);
    expect(split.normalization).toEqual({ mean: [0.1307], std: [0.3081] });
  });

  test.each([
    ['fewer labels than images', images, idxFile([2], Uint8Array.of(0, 1)), 'got 3 images and 2 labels'],
    ['label 10 of 10 classes', images, idxFile([3], Uint8Array.of(0, 10, 1)), 'lies in 0 … 9, got 10 for example 1'],
    ['the two files exchanged', labels, images, 'has 3 sides (count, height, width), got 1'],
    ['images in place of labels', images, images, 'has 1 side (count), got 3'],
    ['no images', idxFile([0, 28, 28], new Uint8Array()), idxFile([0], new Uint8Array()), 'is empty: 0 x 28 x 28'],
  ])('refuses %s', (_, first, second, message) => {
    expect(() => fromIdx(first, second)).toThrow(message);
  });

  test('reads the letters of EMNIST upright and from A = 0', () => {
    const lying = idxFile([1, 2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
    const split = fromIdx(lying, idxFile([1], Uint8Array.of(26)), { classes: 26, firstLabel: 1, transposed: true });
    expect(split.shape).toEqual([3, 2, 1]);
    expect([...split.images]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...split.labels]).toEqual([25]);
    const options = { classes: 26, firstLabel: 1 };
    expect(() => fromIdx(lying, idxFile([1], Uint8Array.of(0)), options)).toThrow(
      'lies in 1 … 26, got 0 for example 0.',
    );
  });

  test('reads the labels of QMNIST: rows of int32, whose first number is the class', () => {
    const row = (label: number) => [label, 6, 2 ** 31 - 1, 0, label + 48, 9, 0, 0].flatMap(u32);
    const rows = Uint8Array.from([...header(0x0c, 3, 8), ...row(7), ...row(0), ...row(9)]);
    expect([...fromIdx(images, rows).labels]).toEqual([7, 0, 9]);
    const plain = Uint8Array.from([...header(0x0c, 3), ...[3, 1, 2].flatMap(u32)]);
    expect([...fromIdx(images, plain).labels]).toEqual([3, 1, 2]);
    const negative = Uint8Array.from([...header(0x0c, 3), ...[3, -1, 2].flatMap((x) => u32(x >>> 0))]);
    expect(() => fromIdx(images, negative)).toThrow('lies in 0 … 9, got -1 for example 1.');
    expect(() => fromIdx(images, rows.subarray(0, 50))).toThrow('declares 3 x 8 = 96 bytes, but 38 follow');
    expect(() => fromIdx(rows, labels)).toThrow('Only idx files of unsigned bytes (type 08) are read, got type 0c.');
  });
});

test.each([
  ['a gzip file', [0x1f, 0x8b, 8]],
  ['a zip archive (.zip, .npz)', [...Buffer.from('PK\x03\x04')]],
  ['a NumPy array', [0x93, ...Buffer.from('NUMPY')]],
  ['a Parquet file', [...Buffer.from('PAR1')]],
  ['a Python pickle', [0x80, 2, 0x7d]],
  ['a MATLAB file', [...Buffer.from('MATLAB 5.0 MAT-file')]],
])('names a file of another format: %s', (message, start) => {
  const bytes = Uint8Array.from([...start, ...Array(200).fill(0)]);
  const said = `This looks like ${message}: take the published binary file, unpacked.`;
  expect(() => parseIdx(bytes)).toThrow(said);
  expect(() => parseCifar10(bytes)).toThrow(said);
});
