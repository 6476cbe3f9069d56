import { randomBytes } from 'node:crypto';
import { lstat, open, rm, unlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, FileError, printable, reasonOf } from './file-error.ts';
import { fateOf, type Owner, ourselves } from './owner.ts';
import { moveWithoutReplacing } from './publish.ts';
import { readRegular } from './read.ts';
import { removeLeftovers, temporaryIn } from './temporary.ts';

/** Who holds a lock. */
export type Holder = Owner & {
  /** When it was taken, in ISO 8601. */
  readonly since: string;
};

/** How a lock is waited for. */
export type LockOptions = {
  /**
   * Called once when somebody else holds the lock, and again when it passes to another: say it, for waiting may be
   * long.
   */
  readonly onWait?: ((holder: Holder | undefined) => void) | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /**
   * `false` refuses when somebody else holds the lock. A holder into whose container or machine we cannot look is watched
   * until it gives a sign of life, for ten seconds at most: after them it counts as dead.
   * @defaultValue true
   */
  readonly wait?: boolean | undefined;
};

/** What a lock file holds. */
type LockRecord = Holder & {
  /** Tells two locks of one process apart. */
  readonly id: string;
};

/** Milliseconds between two looks at a lock that is held. */
const pause = 50;

/** Milliseconds between two signs of life of a holder. */
const beat = 2_000;

/**
 * Milliseconds without a sign of life after which a holder counts as dead into whose container or machine we cannot
 * look.
 */
const silence = 5 * beat;

/** When each lock was last seen to change, by our own clock: clocks of two machines differ. */
type Sightings = Map<string, { readonly mtime: number; readonly at: number; readonly beats: number }>;

function isRecord(value: unknown): value is LockRecord {
  const fields = { host: 'string', boot: 'string', space: 'string', pid: 'number', start: 'string', since: 'string' };
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    Object.entries(fields).every(([key, type]) => typeof Reflect.get(value, key) === type)
  );
}

/** The record in a lock file: `undefined` where it is no record of ours, `'gone'` where there is no file. */
export async function readLock(path: string): Promise<LockRecord | undefined | 'gone'> {
  try {
    const value: unknown = JSON.parse(String(await readRegular(path, { maxBytes: 4096, followLinks: false })));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'gone' : undefined;
  }
}

/** Makes the lock file, whole from its first moment; tells whether it was not there. */
async function create(path: string, record: LockRecord): Promise<boolean> {
  const temporary = temporaryIn(dirname(path));
  try {
    const handle = await open(temporary, 'wx', 0o644);
    await handle.writeFile(JSON.stringify(record)).finally(() => handle.close());
    await moveWithoutReplacing(temporary, path);
    return true;
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    if (codeOf(cause) === 'EEXIST') return false;
    throw new FileError(path, `cannot be locked (${reasonOf(cause)}).`, cause);
  }
}

/** What we see of a holder into whom we cannot look: no sign of life for so long, one since we look, or neither yet. */
async function look(path: string, seen: Sightings): Promise<'silent' | 'beating' | 'unclear'> {
  const stats = await lstat(path).catch(() => undefined);
  const last = seen.get(path);
  if (stats === undefined) return 'unclear';
  if (last?.mtime === stats.mtimeMs && performance.now() - last.at > silence) return 'silent';
  const beats = last === undefined ? 0 : last.beats + (last.mtime === stats.mtimeMs ? 0 : 1);
  if (last?.mtime !== stats.mtimeMs) seen.set(path, { mtime: stats.mtimeMs, at: performance.now(), beats });
  return beats > 0 ? 'beating' : 'unclear';
}

const sameLock = (a: LockRecord | undefined, b: LockRecord | undefined | 'gone'): boolean =>
  b !== 'gone' && a?.id === b?.id;

/** What came of trying to take a lock: `'again'` when it changed hands under our eyes. */
type Taking = 'taken' | 'again' | { readonly held: LockRecord | undefined; readonly isAlive: boolean };

/** Tries to take a lock; gives its holder when somebody has it. */
async function take(path: string, ours: LockRecord, seen: Sightings): Promise<Taking> {
  if (await create(path, ours)) return 'taken';
  const holder = await readLock(path);
  if (holder === 'gone') return 'again';
  const fate = holder === undefined ? 'unknown' : fateOf(holder);
  const sight = fate === 'unknown' ? await look(path, seen) : undefined;
  if (fate === 'alive' || (sight !== undefined && sight !== 'silent'))
    return { held: holder, isAlive: fate === 'alive' || sight === 'beating' };
  // Only the holder of this second lock removes a dead one, else two could: the slower would remove the lock of the
  // faster.
  const second = `${path}.takeover`;
  if ((await take(second, ours, seen)) !== 'taken') return 'again';
  try {
    if (sameLock(holder, await readLock(path))) await rm(path, { recursive: true, force: true });
    return (await create(path, ours)) ? 'taken' : 'again';
  } finally {
    await unlink(second).catch(() => undefined);
  }
}

/** Removes the second locks of takers that died: what they were for is done, and only a later takeover would meet them.
 * Called by who holds the lock itself. */
async function removeDead(path: string): Promise<void> {
  const second = `${path}.takeover`;
  const record = await readLock(second);
  if (record === 'gone') return;
  if (record !== undefined && fateOf(record) === 'dead') await unlink(second).catch(() => undefined);
  await removeDead(second);
}

function heldBy(path: string, holder: LockRecord | undefined): FileError {
  const cause = Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' });
  if (holder === undefined) return new FileError(path, 'is held by a process that does not say which it is.', cause);
  const { pid, host, since } = holder;
  const where = host === ourselves().host ? '' : ` on ${printable(host)}`;
  return new FileError(path, `is held by process ${pid}${where} since ${printable(since)}.`, cause);
}

/**
 * Does `work` while no other process does what it locks by the same `path`.
 *
 * The lock of a process that died, or of a boot before this one, is taken over at once, and by one taker only. A holder
 * in another container or on another machine, into which we cannot look, gives a sign of life every two seconds and
 * counts as dead after ten without. The lock is advice: it stops nobody who does not ask for it.
 *
 * @throws When the lock file cannot be made, when `signal` ends the waiting, with `wait: false` when another process
 * holds it, with that one's number and the code `EBUSY`, and what `work` throws.
 *
 * @example
 * ```ts
 * import { withLock, withTemporaryFolder } from '@steppe/files';
 * import { tmpdir } from 'node:os';
 *
 * await withTemporaryFolder(tmpdir(), async (folder) => {
 *   const order: number[] = [];
 *   const once = (n: number) => withLock(`${folder}/build.lock`, async () => order.push(n, n));
 *   await Promise.all([once(1), once(2)]);
 *   console.log(order[0] === order[1], order[2] === order[3]); // => true true
 * });
 * ```
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const ours: LockRecord = { ...ourselves(), since: new Date().toISOString(), id: randomBytes(8).toString('hex') };
  const seen: Sightings = new Map();
  let told: string | undefined;
  await removeLeftovers(dirname(path));
  for (;;) {
    options.signal?.throwIfAborted();
    const result = await take(path, ours, seen);
    if (result === 'taken') break;
    if (result !== 'again') {
      if (options.wait === false && result.isAlive) throw heldBy(path, result.held);
      const id = result.held?.id ?? 'somebody unknown';
      if (told !== id) options.onWait?.(result.held);
      told = id;
    }
    await sleep(result === 'again' ? 1 : pause, undefined, { signal: options.signal });
  }
  const pulse = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), beat);
  pulse.unref();
  try {
    await removeDead(path);
    return await work();
  } finally {
    clearInterval(pulse);
    if (sameLock(ours, await readLock(path))) await unlink(path).catch(() => undefined);
  }
}
