import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, reasonOf } from '@steppe/files';
import type { Problem } from '../run.ts';

/** The folders of runs below one, by their names there. */
export type Found = { readonly names: readonly string[]; readonly problems: readonly Problem[] };

/** How far below the folder that is watched a run may lie. */
const maxDepth = 5;

/** How many folders are looked into: a folder with more is not one of runs. */
const maxFolders = 5000;

const isRun = (entries: readonly Dirent[]): boolean =>
  entries.some(({ name }) => name === 'metrics.jsonl' || name === 'config.json');

const isSkipped = (name: string): boolean => name.startsWith('.') || name === 'node_modules' || name === 'checkpoints';

/**
 * Finds the folders that hold a run, which may lie in each other: the runs of a comparison do.
 *
 * Symbolic links are not followed, so that nothing outside the folder is read.
 */
export async function findRuns(folder: string): Promise<Found> {
  const names: string[] = [];
  const problems: Problem[] = [];
  const waiting: { readonly name: string; readonly depth: number }[] = [{ name: '.', depth: 0 }];
  let visited = 0;
  for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
    const { name, depth } = place;
    visited += 1;
    if (visited > maxFolders) {
      problems.push({ file: name, why: `only the first ${maxFolders} folders are looked into: watch one with fewer.` });
      break;
    }
    let entries: readonly Dirent[];
    try {
      entries = await readdir(join(folder, name), { withFileTypes: true });
    } catch (error) {
      // A folder may be removed while its neighbours are looked at.
      if (codeOf(error) !== 'ENOENT') problems.push({ file: name, why: `cannot be read (${reasonOf(error)}).` });
      continue;
    }
    if (isRun(entries)) names.push(name);
    for (const entry of entries) {
      const path = name === '.' ? entry.name : `${name}/${entry.name}`;
      if (entry.isSymbolicLink()) problems.push({ file: path, why: 'is a symbolic link, which is not followed.' });
      else if (entry.isDirectory() && depth < maxDepth && !isSkipped(entry.name))
        waiting.push({ name: path, depth: depth + 1 });
    }
  }
  return { names: names.sort(), problems };
}
