import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegular, publish, withLock, withTemporaryFolder } from '@steppe/files';
import { type Place, type Places, trustedFolder, writableFolder } from './places.ts';
import { sayOnce } from './say.ts';
import { distrusted, type Owners } from './trust.ts';

/**
 * Names something that is made once: the file is called `KEY-SHA256.EXTENSION`, so that a name tells the only content
 * it may have.
 */
export type Wanted = {
  /** All that the result depends on, as a hash. */
  readonly key: string;
  readonly extension: 'o' | 'so';
  /** What it is, for the user. */
  readonly title: string;
};

/** No binary of ours is larger. */
const maxBytes = 64 * 2 ** 20;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Why a file must not be executed; `undefined` where it is what its name says and nobody else can have written it. */
async function flawOf(path: string, hash: string, owners: Owners): Promise<string | undefined> {
  try {
    const handle = await openRegular(path, { maxBytes, followLinks: false });
    try {
      const why = distrusted(await handle.stat(), owners);
      if (why !== undefined) return `${path} is not used: ${why}`;
      const found = sha256(await handle.readFile());
      return found === hash ? undefined : `${path} is damaged: its SHA-256 is ${found.slice(0, 12)}…`;
    } finally {
      await handle.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  }
}

async function namesIn(folder: string, key: string, extension: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(`${key}-`) && name.endsWith(`.${extension}`)).sort();
}

/** Finds a verified file of a place; a bad one is told. `key` may be the beginning of a key. */
async function find(place: Place, { key, extension }: Wanted): Promise<string | undefined> {
  const names = await namesIn(place.folder, key, extension);
  if (names.length === 0) return undefined;
  const trusted = await trustedFolder(place);
  if ('why' in trusted) {
    sayOnce(`${trusted.why}.`);
    return undefined;
  }
  for (const name of names) {
    const path = join(trusted.folder, name);
    const hash = name.slice(0, -extension.length - 1).slice(-64);
    const flaw = await flawOf(path, hash, place.owners);
    if (flaw === undefined) return path;
    sayOnce(`${flaw}; it is made again where that can be.`);
  }
  return undefined;
}

/** Finds a verified file in the first place that has one. */
export async function findIn({ places }: Places, wanted: Wanted): Promise<string | undefined> {
  for (const place of places) {
    const path = await find(place, wanted);
    if (path !== undefined) return path;
  }
  return undefined;
}

/**
 * Finds a file, or makes it once, whatever the number of processes that ask at the same time: `make` writes to a path
 * in a folder of its own, from which the file is moved into place whole.
 *
 * @throws When there is no place to keep it, and what `make` throws.
 */
export async function once(
  all: Places,
  wanted: Wanted,
  make: (path: string) => Promise<unknown>,
): Promise<{ readonly path: string; readonly found: boolean }> {
  const there = await findIn(all, wanted);
  if (there !== undefined) return { path: there, found: true };
  const folder = await writableFolder(all);
  const onWait = (holder: { readonly pid: number } | undefined): void =>
    sayOnce(`waiting for process ${holder?.pid ?? 'unknown'}, which makes ${wanted.title} ...`);
  const work = async (): Promise<{ path: string; found: boolean }> => {
    const made = await findIn(all, wanted);
    if (made !== undefined) return { path: made, found: true };
    // Only who holds the lock removes bad ones: another process may have made a good one of the same name meanwhile.
    for (const bad of await namesIn(folder, wanted.key, wanted.extension))
      await rm(join(folder, bad), { recursive: true, force: true });
    return { path: await withTemporaryFolder(folder, (scratch) => keep(folder, scratch, wanted, make)), found: false };
  };
  return withLock(join(folder, `.${wanted.key}.${wanted.extension}.lock`), work, { onWait });
}

async function keep(
  folder: string,
  scratch: string,
  { key, extension }: Wanted,
  make: (path: string) => Promise<unknown>,
): Promise<string> {
  const made = join(scratch, 'made');
  await make(made);
  // Whatever the umask: nobody else may write to it, all may read it.
  await chmod(made, 0o644);
  const handle = await open(made, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    const path = join(folder, `${key}-${sha256(await handle.readFile())}.${extension}`);
    await handle.sync();
    await publish(made, path);
    return path;
  } finally {
    await handle.close();
  }
}
