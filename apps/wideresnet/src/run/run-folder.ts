import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { codeOf, makeFolder, writeAtomically } from '@steppe/files';
import { printJson } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { pathWord } from '../commands/shell.ts';
import { optimizers } from '../options/optimizers.ts';
import type { Options } from '../options/table.ts';
import { titleOf } from './network.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** A moment as the start of a folder's name. */
export const stamp = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;

/** The options of a run, under the name of the images that were found. */
type Named = Omit<Options, 'dataset'> & { readonly dataset: string };

/** Where a run goes when nobody says: runs/<date>-<network>-<method>-<dataset>. */
function defaultFolder(options: Named, now: Date): string {
  const { chain, rho, optimizer, dataset } = options;
  const method = chain !== undefined ? 'chain' : rho > 0 ? 'sam' : optimizers[optimizer].rival;
  return join('runs', `${stamp(now)}-${titleOf(options).toLowerCase()}-${method}-${dataset}`);
}

/** The files of a folder; undefined when there is no such folder. */
async function filesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR')
      throw new CommandError(`--out must be a folder, got ${shownPath(folder)}: there is a file in the way.`);
    if (code === 'ENAMETOOLONG')
      throw new CommandError(
        `--out must be a path that the disk takes, got a name of ${basename(folder).length} characters: give a shorter one.`,
      );
    throw error;
  }
}

/**
 * Takes a path for a folder of new files; nothing that exists is ever written over.
 *
 * @throws When it is there already and not empty.
 */
export async function newFolder(path: string): Promise<string> {
  const folder = resolve(path);
  // What a trainer leaves that died before its run began is nothing.
  const files = ((await filesIn(folder)) ?? []).filter((name) => !/^(run\.lock.*|\.steppe-.*\.tmp)$/.test(name));
  if (files.length === 0) return folder;
  const found = files.includes('config.json')
    ? `it holds a run, which goes on by --resume ${pathWord(shownPath(folder))}`
    : `it holds ${files[0]}`;
  throw new CommandError(`--out must be a folder that is new or empty, got ${shownPath(folder)}: ${found}.`);
}

/**
 * Chooses the folder of a run.
 *
 * @throws When `out` is there already and not empty.
 */
export const chooseRunFolder = (options: Named, now: Date = new Date()): Promise<string> =>
  newFolder(options.out ?? defaultFolder(options, now));

/** A path as one would type it: relative where that is shorter. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path) || '.';
  return fromHere.length < path.length && !fromHere.startsWith('..') ? fromHere : path;
}

/** Writes a file of a run's folder as JSON, whole or not at all; the folder is made, and nothing that is there is
 * replaced unless asked. */
export async function writeJson(file: string, value: unknown, { replace = false } = {}): Promise<void> {
  makeFolder(dirname(file));
  await writeAtomically(file, `${printJson(value, 2)}\n`, { replace });
}

/**
 * Takes a folder for a run by writing its `config.json`, of which only one of two runs can be the first.
 *
 * @throws When another run has begun in it since it was chosen.
 */
export async function claimRunFolder(folder: string, facts: unknown): Promise<void> {
  await writeJson(join(folder, 'config.json'), facts).catch((cause: unknown) => {
    if (codeOf(cause) !== 'EEXIST') throw cause;
    throw new CommandError(
      `--out must be a folder that is new or empty, got ${shownPath(folder)}: another run has just begun in it.`,
      exitCode.usage,
      { cause },
    );
  });
}
