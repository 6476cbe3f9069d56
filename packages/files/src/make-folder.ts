import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf, FileError, reasonOf } from './file-error.ts';
import { kindOf } from './kind.ts';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** What stands where a folder should: also a link to nothing, which looks like nothing to whoever follows it. */
function standing(path: string): string {
  const stats = lstatSync(path);
  return stats.isSymbolicLink() ? 'a link to what is no folder' : kindOf(stats);
}

const noFolder = (path: string): Error =>
  Object.assign(new Error(`ENOTDIR: ${path} is ${standing(path)}`), { code: 'ENOTDIR' });

function make(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' && dirname(path) !== path && !isFolder(dirname(path))) {
      make(dirname(path), mode);
      make(path, mode);
    } else if (!isFolder(path)) throw code === 'EEXIST' ? noFolder(path) : cause;
  }
}

/**
 * Makes a folder and those that it lies in, as far as they are missing.
 *
 * Node's own `mkdir` with `recursive` never returns where a link to nothing stands in the way, such as one to a disk
 * that is not mounted, and in `/proc`.
 *
 * @param options.mode - The permissions of new folders, from which the user's umask is taken; 0o777 unless given.
 * @throws When it cannot be made, with the path, the reason and its `code`.
 *
 * @example
 * ```ts
 * import { makeFolder } from '@steppe/files';
 *
 * try {
 *   makeFolder('/dev/null/runs');
 * } catch (error) {
 *   console.log(String(error)); // => FileError: /dev/null/runs cannot be made (ENOTDIR: not a directory).
 * }
 * ```
 */
export function makeFolder(folder: string, { mode = 0o777 }: { readonly mode?: number | undefined } = {}): void {
  try {
    make(resolve(folder), mode);
  } catch (cause) {
    throw new FileError(folder, `cannot be made (${reasonOf(cause)}).`, cause);
  }
}
