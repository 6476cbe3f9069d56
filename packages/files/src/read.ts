import { constants } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { FileError, reasonOf } from './file-error.ts';
import { kindOf } from './kind.ts';

/** What is accepted as a file to read. */
export type ReadOptions = {
  /** The most bytes that the file may have. */
  readonly maxBytes: number;
  /**
   * Whether a symbolic link at the path is followed.
   * @defaultValue true
   */
  readonly followLinks?: boolean | undefined;
};

const unreadable =
  (path: string) =>
  (cause: unknown): never => {
    throw new FileError(path, `cannot be read (${reasonOf(cause)}).`, cause);
  };

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * Opens a file for reading and refuses anything else at once: a FIFO would block for ever, a device has no end.
 *
 * The caller closes the handle.
 *
 * @throws When the path, which the error names with the reason, is a folder, FIFO, socket or device, has more than
 * `maxBytes` bytes, or cannot be opened.
 *
 * @example
 * ```ts
 * import { openRegular } from '@steppe/files';
 *
 * const refused = await openRegular('/dev/null', { maxBytes: 1000 }).catch(String);
 * console.log(refused); // => FileError: /dev/null must be a file, got a device.
 * ```
 */
export async function openRegular(path: string, { maxBytes, followLinks = true }: ReadOptions): Promise<FileHandle> {
  const unread = unreadable(path);
  // Some devices act when they are opened, so look before; what was opened is what counts, so look after.
  const before = await (followLinks ? stat : lstat)(path).catch(unread);
  if (!before.isFile()) throw new FileError(path, `must be a file, got ${kindOf(before)}.`);
  const safely = (constants.O_NONBLOCK ?? 0) | (followLinks ? 0 : (constants.O_NOFOLLOW ?? 0));
  const handle = await open(path, constants.O_RDONLY | safely).catch(unread);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new FileError(path, `must be a file, got ${kindOf(stats)}.`);
    if (stats.size > maxBytes) throw tooLong(path, maxBytes, grouped(stats.size));
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const tooLong = (path: string, maxBytes: number, got: string): FileError =>
  new FileError(path, `must have at most ${grouped(maxBytes)} bytes, got ${got}.`);

/**
 * Reads a whole file that `openRegular` would open.
 *
 * @throws When `openRegular` does, and when the file grows over `maxBytes` while it is read.
 *
 * @example
 * ```ts
 * import { readRegular } from '@steppe/files';
 *
 * const refused = await readRegular('/', { maxBytes: 1000 }).catch(String);
 * console.log(refused); // => FileError: / must be a file, got a folder.
 * ```
 */
export async function readRegular(path: string, options: ReadOptions): Promise<Buffer> {
  const handle = await openRegular(path, options);
  try {
    return await readAll(handle, path, options.maxBytes);
  } finally {
    await handle.close();
  }
}

/** Reads what an open file holds from its beginning, and never more than the limit. */
async function readAll(handle: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const { size } = await handle.stat();
  // One byte of room over the size shows the end without a second buffer.
  let bytes = Buffer.alloc(size + 1);
  let filled = 0;
  for (;;) {
    const room = Math.min(bytes.length - filled, 1 << 30);
    const { bytesRead } = await handle.read(bytes, filled, room, filled).catch(unreadable(path));
    filled += bytesRead;
    if (filled > maxBytes) throw tooLong(path, maxBytes, 'more');
    if (bytesRead === 0) return bytes.subarray(0, filled);
    if (filled === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * bytes.length + 65_536, maxBytes + 1));
  }
}
