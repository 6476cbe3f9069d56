import { totalmem } from 'node:os';
import { wholeNumber } from '../build/setting-error.ts';

/** The memory, in bytes, that this process may have: the machine's, or what its container allows. */
export const memoryLimit = (): number =>
  Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY);

/**
 * The memory, in bytes, that may wait to be used again: `STEPPE_POOL_MB`, else a quarter of what there is.
 *
 * @throws When it is wrong.
 */
export function poolBytes(asked: string | undefined = process.env.STEPPE_POOL_MB): number {
  const megabytes = wholeNumber('STEPPE_POOL_MB', asked, 0);
  return megabytes === undefined ? memoryLimit() / 4 : megabytes * 2 ** 20;
}
