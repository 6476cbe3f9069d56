import { constants } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import { asBytes } from '@steppe/check';
import { foreign } from '../foreign.ts';
import { elementAt, mi } from './mat-element.ts';

/** A numeric array of a MATLAB file, in column-major order. */
export type MatArray = {
  readonly dims: readonly number[];
  /** A view of the (unpacked) file for unsigned bytes, a copy for every other type. */
  readonly data: Uint8Array | Float64Array;
};

type Read = (view: DataView, at: number) => number;

/** A double holds whole numbers up to 2⁵³ only: labels are far below. */
function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`An array of the .mat file holds ${value}, beyond ±2⁵³.`);
  return number;
}

/** How each stored type is read, by type number. */
const numbers: ReadonlyMap<number, { readonly size: number; readonly read: Read }> = new Map([
  [1, { size: 1, read: (view: DataView, at: number) => view.getInt8(at) }],
  [2, { size: 1, read: (view: DataView, at: number) => view.getUint8(at) }],
  [3, { size: 2, read: (view: DataView, at: number) => view.getInt16(at, true) }],
  [4, { size: 2, read: (view: DataView, at: number) => view.getUint16(at, true) }],
  [5, { size: 4, read: (view: DataView, at: number) => view.getInt32(at, true) }],
  [6, { size: 4, read: (view: DataView, at: number) => view.getUint32(at, true) }],
  [7, { size: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) }],
  [9, { size: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) }],
  [12, { size: 8, read: (view: DataView, at: number) => exact(view.getBigInt64(at, true)) }],
  [13, { size: 8, read: (view: DataView, at: number) => exact(view.getBigUint64(at, true)) }],
]);

const firstNumericClass = 6;
const lastNumericClass = 15;
const maximumRank = 8;
const complex = 0x0800;

function values(type: number, bytes: Uint8Array, dims: readonly number[]): Uint8Array | Float64Array {
  const number = numbers.get(type);
  if (number === undefined) throw new Error(`Numbers of type ${type} in a .mat file are not read here.`);
  const count = dims.reduce((product, side) => product * side, 1);
  if (count * number.size !== bytes.length)
    throw new Error(`An array of ${dims.join(' x ')} has ${count * number.size} bytes, got ${bytes.length}.`);
  if (type === mi.uint8) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: count }, (_, i) => number.read(view, i * number.size));
}

/** Reads the parts of a matrix: flags, sides, name and numbers, in the one order that the format allows. */
function matrix(bytes: Uint8Array): readonly [name: string, array: MatArray] {
  const flags = elementAt(bytes, 0);
  if (flags.type !== mi.uint32 || flags.bytes.length !== 8) throw new Error('An array of the .mat file has no flags.');
  const [kind = 0, flagBits = 0] = flags.bytes;
  if (kind < firstNumericClass || kind > lastNumericClass)
    throw new Error(`Only numeric arrays of a .mat file are read, got class ${kind}.`);
  if ((flagBits << 8) & complex) throw new Error('Complex arrays of a .mat file are not read.');
  const sides = elementAt(bytes, flags.end);
  const rank = sides.bytes.length / 4;
  if (sides.type !== mi.int32 || !Number.isInteger(rank) || rank < 2 || rank > maximumRank)
    throw new Error(
      `An array of the .mat file has 2 to ${maximumRank} sides, got ${sides.bytes.length} bytes of them.`,
    );
  const view = new DataView(sides.bytes.buffer, sides.bytes.byteOffset, sides.bytes.length);
  const dims = Array.from({ length: rank }, (_, i) => view.getInt32(4 * i, true));
  if (dims.some((side) => side < 0)) throw new Error(`No side of an array is negative, got ${dims.join(' x ')}.`);
  const label = elementAt(bytes, sides.end);
  if (label.type !== mi.int8) throw new Error('An array of the .mat file has no name.');
  const name = String.fromCharCode(...label.bytes.subarray(0, 64));
  const real = elementAt(bytes, label.end);
  return [name, { dims, data: values(real.type, real.bytes, dims) }];
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array {
  try {
    // zlib takes no limit of 0.
    if (limit < 1) throw new RangeError('nothing is left of the limit');
    return inflateSync(bytes, { maxOutputLength: Math.min(limit, constants.MAX_LENGTH) });
  } catch (cause) {
    throw new Error(`A packed array of the .mat file is damaged or larger than ${limit} bytes.`, { cause });
  }
}

/** Refuses files of version 7.3, which are HDF5, with what makes a file of version 5 of them. */
function checkVersion(bytes: Uint8Array): void {
  const start = String.fromCharCode(...bytes.subarray(0, 10));
  if (start !== 'MATLAB 7.3' && !start.startsWith('\x89HDF')) return;
  throw new Error(
    'A .mat file of version 7.3 (HDF5) is not read here: save its arrays in version 5, as by ' +
      `python3 -c "import h5py, scipy.io; f = h5py.File('IN.mat'); ` +
      `scipy.io.savemat('OUT.mat', {k: f[k][()].T for k in ('X', 'y')}, do_compression=True)".`,
  );
}

/**
 * Reads the numeric arrays of a MATLAB v5 file (little-endian), the format of SVHN.
 *
 * Strict, not complete: anything but plain numeric arrays is refused. Nothing is allocated on the word of a length that
 * the bytes do not bear out, and all packed arrays together unpack to at most `limit` bytes.
 *
 * @param limit - The most bytes that the packed arrays may have together, tags included.
 * @returns The arrays by name.
 * @throws When the file is no bytes, damaged, or holds anything else.
 * @see MathWorks, MAT-File Format (version 5)
 *
 * @example
 * ```ts
 * import { parseMat } from '@steppe/datasets/node';
 *
 * const file = Buffer.alloc(128 + 8 + 64); // a header and one array
 * file.writeUInt16LE(0x0100, 124);
 * file.write('IM', 126);
 * const words = [14, 64, 6, 8, 9, 0, 5, 8, 1, 2, 1, 1, 0x78, 0, 2, 2, 0x0807, 0]; // x = uint8([7 8])
 * words.forEach((word, i) => file.writeUInt32LE(word, 128 + 4 * i));
 * console.log([...(parseMat(file, 1000).get('x')?.data ?? [])]); // => [ 7, 8 ]
 * ```
 */
export function parseMat(file: Uint8Array | ArrayBuffer, limit: number): ReadonlyMap<string, MatArray> {
  const bytes = asBytes('A .mat file', file);
  checkVersion(bytes);
  if (bytes.length < 128) throw new Error(`Not a .mat file: ${bytes.length} bytes are less than its header of 128.`);
  // Version 0x0100 and "IM": a little-endian file of version 5.
  if (bytes[124] !== 0 || bytes[125] !== 1 || bytes[126] !== 0x49 || bytes[127] !== 0x4d)
    throw new Error(`Not a little-endian .mat file of version 5.${foreign(bytes)}`);
  const arrays = new Map<string, MatArray>();
  let left = limit;
  const unpacked = (packed: Uint8Array): Uint8Array => {
    const inside = inflate(packed, left);
    left -= inside.length;
    return inside;
  };
  for (let at = 128; at < bytes.length; ) {
    const outer = elementAt(bytes, at);
    const inner = outer.type === mi.compressed ? elementAt(unpacked(outer.bytes), 0) : outer;
    if (inner.type !== mi.matrix)
      throw new Error(`A .mat file is a list of arrays, got an element of type ${inner.type}.`);
    const [name, array] = matrix(inner.bytes);
    if (arrays.has(name)) throw new Error(`The .mat file holds ${JSON.stringify(name)} twice.`);
    arrays.set(name, array);
    at = outer.end;
  }
  return arrays;
}
