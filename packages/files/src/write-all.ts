import type { FileHandle } from 'node:fs/promises';

/** The most bytes that one call of Linux writes, rounded down. */
const most = 2 ** 30;

/** The pieces from the byte `skip` of them on, as far as one call writes. */
function* rest(pieces: readonly Uint8Array[], skip: number): Generator<Uint8Array> {
  let room = most;
  let before = 0;
  for (const piece of pieces) {
    const from = Math.max(0, skip - before);
    before += piece.length;
    if (from >= piece.length) continue;
    if (room === 0) return;
    const part = piece.subarray(from, from + room);
    room -= part.length;
    yield part;
  }
}

/**
 * Writes pieces of memory one after another into an open file, from the byte `at` on, without joining them first.
 *
 * The threads of Node's file system read the memory while the caller goes on: it must stay as it is until then.
 *
 * @throws When the file cannot be written further; how much was written is then unknown.
 *
 * @example
 * ```ts
 * import { readRegular, withTemporaryFolder, writeAll, writeAtomically } from '@steppe/files';
 * import { tmpdir } from 'node:os';
 *
 * await withTemporaryFolder(tmpdir(), async (folder) => {
 *   const pieces = ['whole ', 'and ', 'soon'].map((text) => new TextEncoder().encode(text));
 *   await writeAtomically(`${folder}/a`, (file) => writeAll(file, pieces));
 *   console.log(String(await readRegular(`${folder}/a`, { maxBytes: 100 }))); // => whole and soon
 * });
 * ```
 */
export async function writeAll(file: FileHandle, pieces: readonly Uint8Array[], at = 0): Promise<void> {
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  let written = 0;
  while (written < total) written += (await file.writev([...rest(pieces, written)], at + written)).bytesWritten;
}
