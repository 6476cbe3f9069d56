import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, reasonOf } from './file-error.ts';
import { fateOf, type Owner, ourselves } from './owner.ts';

/** How long something is left alone whose process ran where we cannot look: in another container or machine. */
const aDay = 24 * 60 * 60_000;

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

const pattern = /^\.steppe-([0-9a-f]{8})-([0-9a-f]{8})-(\d*)-(\d+)-(\d*)-[0-9a-f]{12}\.tmp$/;

/** A new hidden name in a folder that tells which process uses it. */
export function temporaryIn(folder: string): string {
  const { host, boot, space, pid, start } = ourselves();
  const owner = [short(host), short(boot), space, pid, start].join('-');
  return join(folder, `.steppe-${owner}-${randomBytes(6).toString('hex')}.tmp`);
}

/** The process that a temporary name belongs to: host and boot only as hashes, which equal ours or not. */
function ownerOf(name: string): Owner | undefined {
  const [, host, boot, space = '', pid, start = ''] = pattern.exec(name) ?? [];
  if (host === undefined) return undefined;
  const us = ourselves();
  const same = (hash: string | undefined, ours: string): string => (hash === short(ours) ? ours : `not ${ours}`);
  return { host: same(host, us.host), boot: same(boot, us.boot), space, pid: Number(pid), start };
}

/**
 * Removes the temporary files and folders that killed processes left in `folder`; those of running ones stay.
 *
 * What a process of another machine or container left goes after a day. That something cannot be removed is no error.
 *
 * @example
 * ```ts
 * import { removeLeftovers } from '@steppe/files';
 *
 * console.log(await removeLeftovers('/nonexistent')); // => []
 * ```
 */
export async function removeLeftovers(folder: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const owner = ownerOf(name);
    if (owner === undefined) continue;
    const path = join(folder, name);
    const fate = fateOf(owner);
    const old = (): Promise<boolean> =>
      lstat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs > aDay,
        () => false,
      );
    if (fate === 'alive' || (fate === 'unknown' && !(await old()))) continue;
    await rm(path, { recursive: true, force: true }).then(
      () => removed.push(path),
      () => undefined,
    );
  }
  return removed;
}

/**
 * Gives `work` a new folder inside `folder` that only this user can enter, and removes it at the end.
 *
 * What killed processes left there is removed first.
 *
 * @throws When the folder cannot be made, and what `work` throws.
 *
 * @example
 * ```ts
 * import { withTemporaryFolder } from '@steppe/files';
 * import { tmpdir } from 'node:os';
 *
 * console.log(await withTemporaryFolder(tmpdir(), async (scratch) => scratch.endsWith('.tmp'))); // => true
 * ```
 */
export async function withTemporaryFolder<T>(folder: string, work: (scratch: string) => Promise<T>): Promise<T> {
  await removeLeftovers(folder);
  const scratch = temporaryIn(folder);
  await mkdir(scratch, { mode: 0o700 }).catch((cause: unknown) => {
    throw new FileError(folder, `cannot hold a temporary folder (${reasonOf(cause)}).`, cause);
  });
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}
