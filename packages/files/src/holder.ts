import { type Holder, readLock } from './lock.ts';
import { fateOf } from './owner.ts';

/** Who holds a lock, and whether that process still runs: `'unknown'` for one in another machine or container. */
export type Holding = { readonly holder: Holder; readonly fate: 'alive' | 'dead' | 'unknown' };

/**
 * Tells who holds a lock of `withLock`, without asking for it; undefined where nobody does.
 *
 * @example
 * ```ts
 * import { holderOf, withLock, withTemporaryFolder } from '@steppe/files';
 * import { tmpdir } from 'node:os';
 *
 * await withTemporaryFolder(tmpdir(), async (folder) => {
 *   const path = `${folder}/run.lock`;
 *   const inside = await withLock(path, () => holderOf(path));
 *   console.log(inside?.holder.pid === process.pid, inside?.fate, await holderOf(path)); // => true alive undefined
 * });
 * ```
 */
export async function holderOf(path: string): Promise<Holding | undefined> {
  const holder = await readLock(path);
  return holder === undefined || holder === 'gone' ? undefined : { holder, fate: fateOf(holder) };
}
