/** A tagged piece of a MATLAB v5 file: its type, its payload and where the next one begins. */
export type Element = {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly end: number;
};

/** Type numbers of the format. */
export const mi = { int8: 1, uint8: 2, int32: 5, uint32: 6, matrix: 14, compressed: 15 } as const;

/** Reads the element at an offset; a length that runs past the end is refused before anything is made of it. */
export function elementAt(bytes: Uint8Array, at: number): Element {
  if (at + 8 > bytes.length) throw new Error(`The .mat file ends inside a tag, at byte ${bytes.length}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = view.getUint32(at, true);
  const small = word >>> 16;
  const type = word & 0xffff;
  if (small > 4) throw new Error(`A small element of a .mat file has up to 4 bytes, got ${small}.`);
  if (small > 0) return { type, bytes: bytes.subarray(at + 4, at + 4 + small), end: at + 8 };
  const length = view.getUint32(at + 4, true);
  if (length > bytes.length - at - 8)
    throw new Error(`An element of the .mat file declares ${length} bytes, but ${bytes.length - at - 8} follow.`);
  const padded = type === mi.compressed ? length : Math.ceil(length / 8) * 8;
  return { type, bytes: bytes.subarray(at + 8, at + 8 + length), end: Math.min(at + 8 + padded, bytes.length) };
}
