import { lstat } from 'node:fs/promises';
import { holderOf } from '@steppe/files';

/** Milliseconds after which a trainer that we cannot look at, in another container, counts as gone. */
const silence = 10_000;

/**
 * Makes a function that tells whether a trainer is at work in a folder, by the lock that it holds there.
 *
 * @returns undefined where there is no lock: the log may be written by a program that takes none.
 */
export function holding(path: string): () => Promise<boolean | undefined> {
  let beat = 0;
  let since = 0;
  return async () => {
    const held = await holderOf(path);
    if (held === undefined) return undefined;
    if (held.fate !== 'unknown') return held.fate === 'alive';
    // The holder touches the lock every two seconds; clocks of two machines differ, so ours counts the time.
    const changed = (await lstat(path).catch(() => undefined))?.mtimeMs ?? beat;
    if (changed !== beat) [beat, since] = [changed, performance.now()];
    return performance.now() - since < silence;
  };
}
