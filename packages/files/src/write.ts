import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError, reasonOf } from './file-error.ts';
import { type PublishOptions, publish } from './publish.ts';
import { removeLeftovers, temporaryIn } from './temporary.ts';

/** How a file is written. */
export type WriteOptions = PublishOptions & {
  /**
   * The permissions of the file, from which the user's umask is taken.
   * @defaultValue 0o666
   */
  readonly mode?: number | undefined;
};

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** What goes into a file: the whole of it, or what writes it piece by piece into the new, empty file at a path that lasts
 * until it is done. */
export type Content = string | Uint8Array | ((file: FileHandle, path: string) => Promise<void>);

async function writeNew(path: string, content: Content, mode: number): Promise<void> {
  const handle = await open(path, flags, mode);
  try {
    await (typeof content === 'function' ? content(handle, path) : handle.writeFile(content));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file so that at every moment, also one at which the process or the machine dies, its name stands for the
 * whole old or the whole new content: a temporary file beside it is written, synced and renamed, then the folder is
 * synced.
 *
 * What killed processes left half-written in the folder is removed first.
 *
 * @param content - The whole, or a function that writes a large one piece by piece.
 * @throws When it cannot be written, with the path, the reason and its `code` (`'ENOSPC'`); the old content is then
 * untouched and the temporary file gone.
 *
 * @example
 * ```ts
 * import { readRegular, withTemporaryFolder, writeAtomically } from '@steppe/files';
 * import { tmpdir } from 'node:os';
 *
 * await withTemporaryFolder(tmpdir(), async (folder) => {
 *   await writeAtomically(`${folder}/notes.txt`, 'whole');
 *   const again = writeAtomically(`${folder}/notes.txt`, 'other', { replace: false });
 *   const refused = await again.catch(({ code }) => code);
 *   console.log(refused, String(await readRegular(`${folder}/notes.txt`, { maxBytes: 100 }))); // => EEXIST whole
 * });
 * ```
 */
export async function writeAtomically(
  path: string,
  content: Content,
  { mode = 0o666, ...options }: WriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  await removeLeftovers(folder);
  const temporary = temporaryIn(folder);
  try {
    await writeNew(temporary, content, mode);
    await publish(temporary, path, options);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `was not written (${reasonOf(cause)}).`, cause);
  }
}
