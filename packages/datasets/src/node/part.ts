import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { codeOf, FileError } from '@steppe/files';

/** Where a download gathers a file until it is whole. */
export const partOf = (target: string): string => `${target}.part`;

/** Whether this is a plain file of this user under one name: to write into anything else would change what is no
 * download. */
const isOurs = (file: Stats): boolean =>
  file.isFile() && file.nlink === 1 && (process.getuid === undefined || file.uid === process.getuid());

/** What the system says of a link, a folder, a FIFO that nobody reads, and a device that is not there. */
const notPlain: ReadonlySet<string | undefined> = new Set(['ELOOP', 'EISDIR', 'ENXIO', 'ENODEV']);

/**
 * Opens a partial file to read and write, and makes it where it is missing.
 *
 * @throws When a link, a FIFO, a device, a folder or somebody else's file stands in its place.
 */
export async function openPart(part: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const refused = (cause?: unknown): FileError =>
    new FileError(part, 'must be a file of this user and no link to one: delete it, then try again.', cause);
  const handle = await open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK).catch((cause: unknown) => {
    throw notPlain.has(codeOf(cause)) ? refused(cause) : cause;
  });
  if (isOurs(await handle.stat())) return handle;
  await handle.close();
  throw refused();
}

/** The bytes of a partial file; 0 where there is none. */
export const sizeOfPart = (part: string): Promise<number> =>
  lstat(part).then(
    ({ size }) => size,
    () => 0,
  );

/** Removes a partial file with nothing in it; any other is left for the next download to go on from. */
export async function releasePart(part: string): Promise<void> {
  const file = await lstat(part).catch(() => undefined);
  if (file !== undefined && isOurs(file) && file.size === 0) await rm(part, { force: true }).catch(() => undefined);
}
