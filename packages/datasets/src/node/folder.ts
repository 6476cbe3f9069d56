import { resolve } from 'node:path';
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
  const { STEPPE_DATA: own } = environment;
  return own !== undefined && own !== '' ? resolve(own) : steppeFolder('', environment);
}
