import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The users whose files may be executed: this one, root, and who owns this package, whose code is being executed
 * already.
 */
export type Owners = ReadonlySet<number>;

const sticky = 0o1000;

/** This user and root; nobody where there are no users, as on Windows. */
export const ourOwners = (...others: readonly number[]): Owners => new Set([0, process.getuid?.() ?? 0, ...others]);

/** Why somebody else could have written, or could write, what these facts belong to; `undefined` where nobody could. */
export function distrusted(stats: Stats, owners: Owners): string | undefined {
  if (!owners.has(stats.uid)) return `it belongs to the user ${stats.uid}`;
  const mode = `mode ${(stats.mode & 0o7777).toString(8)}`;
  if (stats.mode & 0o002) return `everybody can write to it (${mode})`;
  // Most systems give every user a group of their own, which has the user's number: nobody else is in it.
  if (stats.mode & 0o020 && !owners.has(stats.gid)) return `the group ${stats.gid} can write to it (${mode})`;
  return undefined;
}

/**
 * Why a folder's entries are not safe: somebody else can write to it, or to one above it and so put another in its
 * place.
 */
export async function distrustedFolder(folder: string, owners: Owners, above = '/'): Promise<string | undefined> {
  for (let at = folder; at !== above && at !== dirname(at); at = dirname(at)) {
    const stats = await lstat(at);
    if (!stats.isDirectory()) return `${at} is no folder`;
    // In a folder like /tmp everybody can write, and nobody can touch what belongs to others.
    if (at !== folder && (stats.mode & sticky) !== 0 && owners.has(stats.uid)) continue;
    const why = distrusted(stats, owners);
    if (why !== undefined) return at === folder ? why : `of ${at} above it: ${why}`;
  }
  return undefined;
}
