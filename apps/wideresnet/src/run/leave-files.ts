import { existsSync, mkdirSync } from 'node:fs';
import { access, constants, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Content, codeOf, FileError, makeFolder, reasonOf, writeAtomically } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { shownPath } from './run-folder.ts';

/** Contents by their names, in the order in which they are written. */
export type NamedFiles = readonly (readonly [name: string, content: Content])[];

/** The folder itself, or the nearest above it that there is. */
function standing(folder: string): string {
  const path = resolve(folder);
  return existsSync(path) || dirname(path) === path ? path : standing(dirname(path));
}

/**
 * Refuses a folder that takes no files, before anything is computed.
 *
 * @param remedy - What to do about it.
 */
export async function checkWritable(folder: string, remedy: string): Promise<void> {
  const place = standing(folder);
  await access(place, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw new CommandError(`${shownPath(place)} takes no files, and the results go there: ${remedy}.`, exitCode.io, {
      cause,
    });
  });
}

/** Makes a folder of that name, or with a number behind it where another command had the name in the same second. */
function madeFolder(folder: string): string {
  makeFolder(dirname(folder));
  for (let n = 1; ; n++) {
    const path = n === 1 ? folder : `${folder}-${n}`;
    try {
      mkdirSync(path);
      return path;
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw new FileError(path, `cannot be made (${reasonOf(cause)}).`, cause);
    }
  }
}

/** Where files go: into the folder that was asked for, or into a new one whose name begins so. */
export type Destination = { readonly asked: string } | { readonly fresh: string };

/** Says what to do about a disk that is full; any other error stays as it is. */
function withRemedy(error: unknown): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')) return error;
  const why = (error as Error).message.replace(/\.$/, '');
  return new CommandError(`${why}: make room, or name a folder on another disk by --out.`, exitCode.io, {
    cause: error,
  });
}

/**
 * Leaves files in a folder, which is made: all of them, or none where one cannot be written. None is written over.
 *
 * @returns Their paths.
 */
export async function leaveFiles(destination: Destination, files: NamedFiles): Promise<readonly string[]> {
  const wasThere = 'asked' in destination && existsSync(destination.asked);
  const folder = 'asked' in destination ? destination.asked : madeFolder(destination.fresh);
  makeFolder(folder);
  const left: string[] = [];
  try {
    for (const [name, content] of files) {
      const path = join(folder, name);
      await writeAtomically(path, content, { replace: false });
      left.push(path);
    }
    return left;
  } catch (error) {
    for (const path of left) await rm(path, { force: true });
    if (!wasThere) await rmdir(folder).catch(() => undefined);
    throw withRemedy(error);
  }
}
