import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { FileError, reasonOf } from './file-error.ts';
import { makeFolder } from './make-folder.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const remedy = 'set XDG_CACHE_HOME to a folder that you can write to.';

/** The user's home; a user without an entry in the system's list, as in many containers, may have none. */
function home({ HOME, USERPROFILE }: Environment): string {
  const named = process.platform === 'win32' ? USERPROFILE : HOME;
  if (named !== undefined && isAbsolute(named)) return named;
  try {
    return homedir();
  } catch (cause) {
    throw new Error(`The cache folder has no place, since this user has no home: ${remedy}`, { cause });
  }
}

/**
 * Tells where `name` is cached: in `steppe` in `$XDG_CACHE_HOME`, else in `~/.cache/steppe`. Makes nothing.
 *
 * @throws When there is neither that variable nor a home.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/, which wants a relative path to be ignored
 *
 * @example
 * ```ts
 * import { cacheFolder } from '@steppe/files';
 *
 * console.log(cacheFolder('native', { XDG_CACHE_HOME: '/tmp/cache' })); // => /tmp/cache/steppe/native
 * ```
 */
export function cacheFolder(name = '', environment: Environment = process.env): string {
  const { XDG_CACHE_HOME: shared } = environment;
  const base = shared !== undefined && isAbsolute(shared) ? shared : join(home(environment), '.cache');
  return join(base, 'steppe', name);
}

/**
 * Makes the folder that `cacheFolder` tells, if need be; only this user can enter a new one.
 *
 * @throws When it cannot be made, with the reason and what to set.
 *
 * @example
 * ```ts
 * import { makeCacheFolder } from '@steppe/files';
 *
 * const refused = await makeCacheFolder('native', { XDG_CACHE_HOME: '/dev/null' }).catch(({ code }) => code);
 * console.log(refused); // => ENOTDIR
 * ```
 */
export async function makeCacheFolder(name = '', environment: Environment = process.env): Promise<string> {
  const folder = cacheFolder(name, environment);
  try {
    makeFolder(folder, { mode: 0o700 });
  } catch (error) {
    const { cause } = error as Error;
    throw new FileError(folder, `cannot be made (${reasonOf(cause)}): ${remedy}`, cause);
  }
  return folder;
}
