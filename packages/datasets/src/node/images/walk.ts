import { type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, reasonOf } from '@steppe/files';
import { changedAt } from './changed-at.ts';
import type { ListedFile } from './image-file.ts';

/** What lies in a folder and the folders below it, links followed. */
export type Walk = {
  /** Files whose names say that they are images, in the order of their names. */
  readonly images: ListedFile[];
  /** Names of other files. */
  readonly others: string[];
  /** Names of links that lead to nothing or back to a folder above them. */
  readonly links: string[];
  /** How many hidden files and folders there are, which nobody meant to be images. */
  hidden: number;
};

const extensions = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;
const hiddenNames = /^(\.|Thumbs\.db$|desktop\.ini$|__MACOSX$|@eaDir$)/i;

/** What a path leads to; at once, since for a million files a promise each would cost ten times as much. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A link that leads to itself.
  }
}

const idOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

/** By code units, as Python sorts: the same on every machine, whatever its language. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort(byName);
  } catch (cause) {
    throw new FileError(folder, `cannot be read (${reasonOf(cause)}).`, cause);
  }
}

async function visit(root: string, name: string, above: readonly string[], walk: Walk): Promise<void> {
  const names = await entriesOf(join(root, name));
  const shown = names.filter((entry) => !hiddenNames.test(entry));
  walk.hidden += names.length - shown.length;
  const folder = join(root, name);
  for (const entry of shown) {
    const path = name === '' ? entry : `${name}/${entry}`;
    const found = statOf(join(folder, entry));
    if (found === undefined || above.includes(idOf(found))) walk.links.push(path);
    else if (found.isDirectory()) await visit(root, path, [...above, idOf(found)], walk);
    else if (found.isFile() && extensions.test(entry))
      walk.images.push({ name: path, bytes: found.size, modified: changedAt(found) });
    else walk.others.push(path);
  }
}

/**
 * Lists what lies in a folder below `root` and in the folders below it, in the order of names; names are told from
 * `root`.
 *
 * @throws When a folder cannot be read.
 */
export async function walkFolder(root: string, name: string): Promise<Walk> {
  const walk: Walk = { images: [], others: [], links: [], hidden: 0 };
  const folder = statOf(join(root, name));
  await visit(root, name, folder === undefined ? [] : [idOf(folder)], walk);
  return walk;
}

/** The folders in a folder, in the order of their names, without hidden ones. */
export async function foldersOf(folder: string): Promise<readonly string[]> {
  const names = (await entriesOf(folder)).filter((name) => !hiddenNames.test(name));
  return names.filter((name) => statOf(join(folder, name))?.isDirectory() === true);
}
