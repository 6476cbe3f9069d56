import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMat, parseSvhn } from '../../src/node/index.ts';
import { svhnExtra } from '../../src/node/svhn.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${name}.mat`, import.meta.url)));

const element = (type: number, body: Uint8Array): Buffer => {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(body.length, 4);
  return Buffer.concat([tag, body, Buffer.alloc(type === 15 ? 0 : -body.length & 7)]);
};
const words = (...values: number[]): Buffer => {
  const out = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) out.writeInt32LE(value, 4 * i);
  return out;
};
/** One array of bytes, written independently of the reader. */
const array = (name: string, dims: readonly number[], data: Uint8Array, kind = 9, type = 2): Buffer =>
  element(
    14,
    Buffer.concat([
      element(6, words(kind, 0)),
      element(5, words(...dims)),
      element(1, Buffer.from(name)),
      element(type, data),
    ]),
  );
const mat = (...elements: readonly Buffer[]): Uint8Array => {
  const header = Buffer.alloc(128, ' ');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126);
  return new Uint8Array(Buffer.concat([header, ...elements]));
};
const images = new Uint8Array(2 * 3072);
const labels = Uint8Array.of(1, 10);
const svhnFile = (x = array('X', [32, 32, 3, 2], images), y = array('y', [2, 1], labels)): Uint8Array => mat(x, y);

describe('A file of SVHN', () => {
  const names = ['packed', 'plain', 'double-labels', 'int64-labels', 'float-images', 'shares'] as const;

  test.each([...names, 'packed by gzip'])(
    'written by SciPy (%s) has its rows, columns, channels and digits',
    (name) => {
      const split = parseSvhn(name === 'packed by gzip' ? gzipSync(fixture('plain')) : fixture(name));
      expect([...split.labels]).toEqual([1, 0, 9, 5]);
      expect(split.shape).toEqual([32, 32, 3]);
      const expected = Uint8Array.from({ length: 4 * 3072 }, (_, i) => {
        const [n, row, column, channel] = [
          Math.floor(i / 3072),
          Math.floor(i / 96) % 32,
          Math.floor(i / 3) % 32,
          i % 3,
        ];
        return 7 * row + 5 * column + 80 * channel + 11 * n;
      });
      expect(Buffer.compare(split.images, expected)).toBe(0);
    },
  );

  test('of version 7.3 is refused with the command that converts it, which is itself one line', () => {
    const message = /^A \.mat file of version 7\.3 \(HDF5\) is not read here: [^\n]*python3 -c "[^"\n]*"\.$/;
    expect(() => parseSvhn(fixture('version-7.3'))).toThrow(message);
    expect(() => parseSvhn(fixture('version-7.3').subarray(512))).toThrow(message);
  });

  test.each([
    ['images that were normalized', fixture('normalized'), 'got -2.5: save the images before they were normalized'],
    ['the count first', fixture('count-first'), 'got 4 x 32 x 32 x 3. Save X.transpose(1, 2, 3, 0).'],
    ['a damaged gzip', gzipSync(fixture('plain')).subarray(0, 99), 'The gzip of the .mat file is damaged'],
    ['labels missing', mat(array('X', [32, 32, 3, 2], images)), 'holds the arrays X and y, got X.'],
    ['nothing in it', mat(), 'got none.'],
    [
      'fewer labels than images',
      svhnFile(undefined, array('y', [1, 1], labels.subarray(1))),
      'each of 2 images, got 1',
    ],
    ['label 11', svhnFile(undefined, array('y', [2, 1], Uint8Array.of(1, 11))), 'lies in 1 … 10, got 11 for example 1'],
    ['label 0', svhnFile(undefined, array('y', [2, 1], Uint8Array.of(0, 1))), 'got 0 for example 0'],
    ['grey images', svhnFile(array('X', [32, 32, 1, 6], images)), 'got 32 x 32 x 1 x 6.'],
    ['images of another size', svhnFile(array('X', [64, 16, 3, 2], images)), 'got 64 x 16 x 3 x 2.'],
    ['a side missing', svhnFile(array('X', [32, 32, 6], images)), 'got 32 x 32 x 6.'],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => parseSvhn(bytes)).toThrow(message);
  });
});

describe('parseMat', () => {
  test('reads every type of number that SciPy writes', () => {
    const read = [...parseMat(fixture('other'), 1000)].map(([name, { dims, data }]) => [name, dims, [...data]]);
    expect(read).toEqual([
      ['i8', [1, 2], [-3, 4]],
      ['i16', [1, 2], [-300, 400]],
      ['u16', [1, 1], [60000]],
      ['i32', [2, 1], [-70000, 2]],
      ['u32', [1, 1], [4000000000]],
      ['f32', [1, 2], [0.5, -0.25]],
      ['f64', [1, 1], [1e300]],
    ]);
  });

  const bomb = deflateSync(Buffer.alloc(1 << 26));
  const data = Uint8Array.of(1, 2, 3, 4);
  const bigEndian = svhnFile();
  bigEndian.set([0x4d, 0x49], 126);
  test.each([
    ['text', fixture('text'), 'Only numeric arrays of a .mat file are read, got class 4'],
    ['complex numbers', fixture('complex'), 'Complex arrays'],
    ['an HTML page', new Uint8Array(Buffer.from('<html>'.repeat(40))), 'Not a little-endian .mat file of version 5'],
    ['a big-endian file', bigEndian, 'Not a little-endian'],
    ['a bomb', mat(element(15, bomb)), 'damaged or larger than 1000 bytes'],
    [
      'many packed arrays that are small alone',
      mat(...['a', 'b', 'c'].map((name) => element(15, deflateSync(array(name, [1, 400], new Uint8Array(400)))))),
      'damaged or larger than',
    ],
    ['bytes that do not unpack', mat(element(15, data)), 'damaged or larger'],
    [
      'an array in which another is packed',
      mat(element(15, deflateSync(element(15, data)))),
      'got an element of type 15',
    ],
    ['a negative side', mat(array('x', [-2, -2], data)), 'No side of an array is negative, got -2 x -2'],
    ['sides that promise more', mat(array('x', [2 ** 30, 2 ** 30], data)), 'has 1152921504606847000 bytes, got 4'],
    ['sides that promise less', mat(array('x', [1, 3], data)), 'An array of 1 x 3 has 3 bytes, got 4'],
    ['one side', mat(array('x', [4], data)), 'has 2 to 8 sides, got 4 bytes'],
    ['nine sides', mat(array('x', [4, 1, 1, 1, 1, 1, 1, 1, 1], data)), 'got 36 bytes'],
    ['an int64 beyond 2⁵³', mat(array('x', [1, 1], new Uint8Array(8).fill(127), 14, 12)), 'beyond ±2⁵³'],
    ['numbers of no type', mat(array('x', [1, 4], data, 9, 99)), 'Numbers of type 99'],
    ['an element past the end', mat(element(14, data).fill(255, 4, 8)), 'declares 4294967295 bytes, but 8 follow'],
    ['a tag cut short', mat(Buffer.alloc(5)), 'ends inside a tag, at byte 133'],
    ['one name twice', mat(array('x', [1, 4], data), array('x', [1, 4], data)), 'holds "x" twice'],
    ['no arrays but numbers', mat(element(2, data)), 'got an element of type 2'],
    ['no flags', mat(element(14, element(2, data))), 'has no flags'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseMat(bytes, 1000)).toThrow(message);
  });

  test('answers every truncation and 3,000 mutations with arrays or one clear line', () => {
    const outcomes = { read: 0, refused: 0 };
    const attempt = (bytes: Uint8Array): void => {
      try {
        for (const { dims, data } of parseMat(bytes, 20_000).values())
          expect(data.length).toBe(dims.reduce((a, b) => a * b, 1));
        outcomes.read += 1;
      } catch (error) {
        expect(String(error)).toMatch(/^Error: [^\n]*(\.mat file|array)[^\n]*\.$/);
        outcomes.refused += 1;
      }
    };
    const files = ['packed', 'plain', 'other'].map(fixture);
    for (const file of files) for (let end = 0; end < file.length; end += 37) attempt(file.subarray(0, end));
    const mutation = fc.tuple(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(mutation, ([file, changes]) => {
        const bytes = file.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        attempt(bytes);
      }),
      { numRuns: 3000 },
    );
    expect(outcomes.refused).toBeGreaterThan(1000);
    expect(outcomes.read).toBeGreaterThan(500);
  });
});

test('SVHN with its extra set is one split of both training files', async () => {
  const { train, test: held } = await svhnExtra.read((name) => fixture(name.startsWith('extra') ? 'shares' : 'plain'));
  const [plain, extra] = [parseSvhn(fixture('plain')), parseSvhn(fixture('shares'))];
  expect([...train.labels]).toEqual([...plain.labels, ...extra.labels]);
  expect(train.images).toEqual(new Uint8Array(Buffer.concat([plain.images, extra.images])));
  expect(held.images).toEqual(plain.images);
  expect([svhnExtra.folder, svhnExtra.files.length]).toEqual(['svhn', 3]);
});
