import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, readRegular, writeAtomically } from '@steppe/files';
import { changedAt } from './changed-at.ts';
import type { ListedFile } from './image-file.ts';
import { surveyFolder } from './survey.ts';
import { indexTar } from './tar-index.ts';

type Index = { readonly names: string[]; readonly offsets: number[]; readonly sizes: number[] };

const maxBytes = 1 << 29;

async function known(path: string): Promise<Index | undefined> {
  try {
    const index: Index = JSON.parse(String(await readRegular(path, { maxBytes })));
    if (index.names.length === index.offsets.length && index.names.length === index.sizes.length) return index;
  } catch {
    // There is none, or one that was cut short: the archive tells again.
  }
  return undefined;
}

async function indexOf(path: string, signal: AbortSignal | undefined): Promise<Index> {
  const [names, offsets, sizes]: [string[], number[], number[]] = [[], [], []];
  const onEntry = ({ name, at, bytes }: { name: string; at: number; bytes: number }): void => {
    names.push(name);
    offsets.push(at);
    sizes.push(bytes);
  };
  await indexTar(path, onEntry, signal);
  return { names, offsets, sizes };
}

/**
 * Lists the files of a tar archive, or of a tar of tars, where they lie in it; what was found is kept in the cache and
 * holds as long as the archive has the same size and time.
 *
 * @param front - The folder that the names of the files are put below.
 */
export async function tarFiles(path: string, front: string, signal?: AbortSignal): Promise<readonly ListedFile[]> {
  const found = await stat(path);
  const [size, changed] = [found.size, changedAt(found)];
  const folder = surveyFolder();
  const kept = join(folder, `${createHash('sha256').update(`tar\0${path}\0${size} ${changed}`).digest('hex')}.json`);
  let index = await known(kept);
  if (index === undefined) {
    index = await indexOf(path, signal);
    makeFolder(folder);
    await writeAtomically(kept, JSON.stringify(index));
  }
  const { names, offsets, sizes } = index;
  return names.map((name, i) => ({
    name: `${front}/${name}`,
    path,
    at: offsets[i] as number,
    bytes: sizes[i] as number,
    modified: changed,
  }));
}
