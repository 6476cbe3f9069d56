import { resolve } from 'node:path';
import { checkRecord, refusal } from '@steppe/check';
import { cacheFolder as steppeFolder } from '@steppe/files';

/**
 * Tells where downloaded files are kept: `$STEPPE_DATA`, else `steppe` in `$XDG_CACHE_HOME`, else `~/.cache/steppe`.
 *
 * @throws When none of the three is there: a user of a container may have no home.
 *
 * @example
 * ```ts
 * import { cacheFolder } from '@steppe/datasets/node';
 *
 * console.log(cacheFolder({ XDG_CACHE_HOME: '/tmp/cache' })); // => /tmp/cache/steppe
 * ```
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  checkRecord('environment', environment);
  const { STEPPE_DATA: own } = environment;
  for (const name of ['STEPPE_DATA', 'XDG_CACHE_HOME', 'HOME']) {
    const path: unknown = environment[name];
    if (path !== undefined && typeof path !== 'string') throw refusal(name, 'a path', path);
  }
  return own !== undefined && own !== '' ? resolve(own) : steppeFolder('', environment);
}
