import { writeAll, writeAtomically } from '@steppe/files';
import { type Plain, serializeInParts, type Tree } from '@steppe/tree';
import { hashFile, hashPieces } from './hash-file.ts';
import { valuesOf } from './values.ts';

/** Bytes that are hashed in about a millisecond, where a thread would take many to begin. */
const few = 1 << 20;

/**
 * Writes the file that `saveTree` would write, while the calling thread goes on: the bytes of large tensors go from their
 * own memory to the disk, and what the disk took is hashed on another thread.
 *
 * The tensors must stay until it is done.
 *
 * @throws When it cannot be written, as `writeAtomically` does.
 */
export async function writeCheckpoint(file: string, tree: Tree, metadata: Plain): Promise<void> {
  const { tensors, headerBytes, dataBytes, header } = serializeInParts(tree, metadata);
  const values = await Promise.all(tensors.map(valuesOf));
  const pieces = values.map(({ bytes }) => bytes);
  const held = pieces.reduce((sum, { length }) => sum + length, 0);
  if (held !== dataBytes) throw new Error(`The backend gave ${held} bytes for tensors of ${dataBytes}.`);
  await writeAtomically(file, async (handle, path) => {
    await writeAll(handle, pieces, headerBytes);
    if (!values.every(({ isCurrent }) => isCurrent()))
      throw new Error('its tensors moved to another backend meanwhile');
    const digest = dataBytes <= few ? hashPieces(pieces) : await hashFile(path, headerBytes);
    await writeAll(handle, [await header(digest)]);
  });
}
