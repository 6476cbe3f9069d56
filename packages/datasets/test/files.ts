/** An idx file of unsigned bytes, written independently of the reader. */
export function idxFile(dims: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header[2] = 8;
  header[3] = dims.length;
  for (const [i, side] of dims.entries()) header.writeUInt32BE(side, 4 + 4 * i);
  return new Uint8Array(Buffer.concat([header, data]));
}

/** Records of CIFAR's binary version whose pixels tell where they belong: red is the row, green the column, blue the
 * record. */
export function cifarFile(count: number, labelsOf: (record: number) => readonly number[]): Uint8Array {
  const records = Array.from({ length: count }, (_, n) => {
    const planes = Array.from({ length: 3072 }, (_, p) => [(p % 1024) >> 5, p % 32, n % 256][p >> 10] ?? 0);
    return [...labelsOf(n), ...planes];
  });
  return Uint8Array.from(records.flat());
}
