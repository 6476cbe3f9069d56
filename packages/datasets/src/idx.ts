import { asBytes } from '@steppe/check';
import { foreign } from './foreign.ts';

/** The contents of an idx file: unsigned bytes with the sides of their array. */
export type Idx = {
  readonly dims: readonly number[];
  /** A view of the file's bytes, not a copy. */
  readonly data: Uint8Array;
};

const unsignedByte = 0x08;
const int32 = 0x0c;
const maximumRank = 4;
const hex = (byte: number | undefined): string => (byte ?? 0).toString(16).padStart(2, '0');

/** What the header of an idx file says. */
type Header = { readonly type: number | undefined; readonly dims: readonly number[]; readonly start: number };

const product = (dims: readonly number[]): number => dims.reduce((size, side) => size * side, 1);

function headerOf(bytes: Uint8Array, types: readonly number[], said: string): Header {
  const [first, second, type, rank = 0] = bytes;
  if (bytes.length < 4) throw new Error(`Not an idx file: it ends after ${bytes.length} of the 4 bytes of its header.`);
  if (first !== 0 || second !== 0)
    throw new Error(
      `Not an idx file: it starts with the bytes ${hex(first)} ${hex(second)}, not with 00 00.${foreign(bytes)}`,
    );
  if (!types.includes(type ?? 0)) throw new Error(`Only idx files of ${said} are read, got type ${hex(type)}.`);
  if (rank < 1 || rank > maximumRank) throw new Error(`An idx file has 1 to ${maximumRank} sides here, got ${rank}.`);
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new Error(`The idx file ends after ${bytes.length} of the ${start} bytes of its header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  // Four sides below 2³² multiply to less than 2¹²⁸: a double may round that, but never down to the length of a real
  // file.
  const size = product(dims) * (type === int32 ? 4 : 1);
  if (size !== bytes.length - start)
    throw new Error(`The idx file declares ${dims.join(' x ')} = ${size} bytes, but ${bytes.length - start} follow.`);
  return { type, dims, start };
}

/**
 * Reads the class numbers of an idx file of labels: unsigned bytes, one for each image, or int32, as QMNIST has them,
 * one for each image or a row for each image, whose first number is the class.
 */
export function labelsOfIdx(file: Uint8Array | ArrayBuffer): ArrayLike<number> {
  const bytes = asBytes('An idx file of labels', file);
  const { type, dims, start } = headerOf(bytes, [unsignedByte, int32], 'unsigned bytes (type 08) or int32 (type 0c)');
  const [count = 0, columns = 1] = dims;
  if (dims.length !== 1 && (type !== int32 || dims.length !== 2 || columns === 0))
    throw new Error(`An idx file of labels has 1 side (count), got ${dims.length}.`);
  if (type === unsignedByte) return bytes.subarray(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  return Int32Array.from({ length: count }, (_, i) => view.getInt32(4 * columns * i));
}

/**
 * Reads an idx file of unsigned bytes, the format of MNIST and Fashion-MNIST.
 *
 * Nothing is allocated: sides that do not multiply to the bytes at hand are refused before anything is made of them.
 *
 * @param file - The whole file, unpacked.
 * @throws When this is not bytes, or not exactly one idx array of unsigned bytes with 1 to 4 sides.
 * @see http://yann.lecun.com/exdb/mnist/, "the IDX file format"
 *
 * @example
 * ```ts
 * import { parseIdx } from '@steppe/datasets';
 *
 * const { dims, data } = parseIdx(Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]));
 * console.log(dims, [...data]); // => [ 2 ] [ 7, 9 ]
 * ```
 */
export function parseIdx(file: Uint8Array | ArrayBuffer): Idx {
  const bytes = asBytes('An idx file', file);
  const { dims, start } = headerOf(bytes, [unsignedByte], 'unsigned bytes (type 08)');
  return { dims, data: bytes.subarray(start) };
}
