import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { wholeNumber } from './setting-error.ts';

/**
 * The number of threads to use: `STEPPE_THREADS`, else one for each physical core that this process may run on.
 *
 * @throws When `STEPPE_THREADS` is no whole number of at least 1: a `SettingError`.
 */
export function threadCount(asked: string | undefined = process.env.STEPPE_THREADS): number {
  const physical = (): number => Math.max(1, Math.min(physicalCores(), availableParallelism()));
  return wholeNumber('STEPPE_THREADS', asked, 1) ?? physical();
}

/** Physical cores, as Linux lists them; elsewhere every processor counts as one. */
export function physicalCores(folder = '/sys/devices/system/cpu'): number {
  const cores = new Set<string>();
  try {
    for (const cpu of readdirSync(folder)) {
      if (/^cpu\d+$/.test(cpu))
        cores.add(readFileSync(`${folder}/${cpu}/topology/thread_siblings_list`, 'utf8').trim());
    }
  } catch {
    return availableParallelism();
  }
  return cores.size || availableParallelism();
}
