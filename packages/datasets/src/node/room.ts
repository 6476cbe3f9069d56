import { statfs } from 'node:fs/promises';
import { codeOf, FileError, reasonOf } from '@steppe/files';
import { grouped } from './remote-file.ts';

const remedy = 'make room, or set STEPPE_DATA to another folder.';

/**
 * Checks before a download that the disk has room for what is yet to come; a file system that does not say is trusted.
 *
 * @throws When it has not, with both figures.
 */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined || disk.blocks === 0) return;
  const free = disk.bavail * disk.bsize;
  if (free >= bytes) return;
  const full = Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
  throw new FileError(folder, `has room for ${grouped(free)} bytes, ${grouped(bytes)} are needed: ${remedy}`, full);
}

/** What the system refuses, a full disk above all, as one line that says what to do; any other error as it is. */
export function diskError(error: unknown, folder: string): unknown {
  if (error instanceof FileError || codeOf(error) === undefined || !Object.hasOwn(error as object, 'syscall'))
    return error;
  return new FileError(folder, `cannot be written (${reasonOf(error)}): ${remedy}`, error);
}
