/** The contents of an idx file: unsigned bytes with the sides of their array. */
export type Idx = {
  readonly dims: readonly number[];
  /** A view of the file's bytes, not a copy. */
  readonly data: Uint8Array;
};

const unsignedByte = 0x08;
const maximumRank = 4;
const hex = (byte: number | undefined): string => (byte ?? 0).toString(16).padStart(2, '0');

/**
 * Reads an idx file of unsigned bytes, the format of MNIST and Fashion-MNIST.
 *
 * Nothing is allocated: sides that do not multiply to the bytes at hand are refused before anything is made of them.
 *
 * @param bytes - The whole file, unpacked.
 * @throws When this is not exactly one idx array of unsigned bytes with 1 to 4 sides.
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
export function parseIdx(bytes: Uint8Array): Idx {
  const [first, second, type, rank = 0] = bytes;
  if (bytes.length < 4) throw new Error(`Not an idx file: it ends after ${bytes.length} of the 4 bytes of its header.`);
  if (first !== 0 || second !== 0)
    throw new Error(`Not an idx file: it starts with the bytes ${hex(first)} ${hex(second)}, not with 00 00.`);
  if (type !== unsignedByte)
    throw new Error(`Only idx files of unsigned bytes (type 08) are read, got type ${hex(type)}.`);
  if (rank < 1 || rank > maximumRank) throw new Error(`An idx file has 1 to ${maximumRank} sides here, got ${rank}.`);
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new Error(`The idx file ends after ${bytes.length} of the ${start} bytes of its header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  // Four sides below 2³² multiply to less than 2¹²⁸: a double may round that, but never down to the length of a real
  // file.
  const size = dims.reduce((product, side) => product * side, 1);
  if (size !== bytes.length - start)
    throw new Error(`The idx file declares ${dims.join(' x ')} = ${size} bytes, but ${bytes.length - start} follow.`);
  return { dims, data: bytes.subarray(start) };
}
