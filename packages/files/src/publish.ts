import { constants } from 'node:fs';
import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, FileError, reasonOf } from './file-error.ts';
import { kindOf } from './kind.ts';

/** Whether a file that is there may be replaced. */
export type PublishOptions = {
  /**
   * `false` refuses a path at which something stands already, also when it came a moment ago.
   * @defaultValue true
   */
  readonly replace?: boolean | undefined;
};

/** Reasons of a disk that has no hard links: FAT, some network disks. */
const noLinks: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Reasons of a system that cannot sync a folder, and keeps its entries by itself. */
const noFolderSync: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR']);

/** Asks the disk to keep a folder's new entries. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    if (!noFolderSync.has(codeOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

/** Gives a file its name where nothing has that name; two processes at once never both succeed. */
export async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noLinks.has(codeOf(error))) throw error;
    await (await open(to, 'wx')).close();
    return rename(from, to);
  }
  await unlink(from);
}

/**
 * Moves a file that is whole, and already on the disk, to its name in the same folder's file system; the folder is then
 * synced.
 *
 * At every moment the name stands for the old or the new file. A link at `to` is replaced, not followed; a folder, FIFO
 * or device is refused.
 *
 * @throws When it cannot be moved, with the path and the reason; `to` is then as it was, `from` is still there.
 *
 * @example
 * ```ts
 * import { publish } from '@steppe/files';
 *
 * const reason = await publish('/nonexistent/a', '/nonexistent/b').catch(String);
 * console.log(reason); // => FileError: /nonexistent/b was not written (ENOENT: no such file or directory).
 * ```
 */
export async function publish(from: string, to: string, { replace = true }: PublishOptions = {}): Promise<void> {
  const stands = await lstat(to).catch(() => undefined);
  if (stands !== undefined && !replace) throw new FileError(to, 'was not written: it is there already.', exists);
  if (stands !== undefined && !stands.isFile() && !stands.isSymbolicLink())
    throw new FileError(to, `was not written: it must be a file, got ${kindOf(stands)}.`);
  try {
    await (replace ? rename(from, to) : moveWithoutReplacing(from, to));
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw new FileError(to, 'was not written: it is there already.', cause);
    throw new FileError(to, `was not written (${reasonOf(cause)}).`, cause);
  }
  await syncFolder(dirname(to)).catch((cause: unknown) => {
    throw new FileError(to, `was written but may not outlast a power cut (${reasonOf(cause)}).`, cause);
  });
}

const exists = Object.assign(new Error('EEXIST: file already exists'), { code: 'EEXIST' });
