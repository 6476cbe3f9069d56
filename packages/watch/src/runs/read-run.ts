import { basename, resolve } from 'node:path';
import type { Curves, Problem, Run } from '../run.ts';
import { followRun } from './follow-run.ts';
import type { WatchOptions } from './watch-runs.ts';

/** A run as it stands. */
export type RunRead = {
  /** Its name is that of its folder. */
  readonly run: Run;
  readonly curves: Curves;
  /** What `config.json` and `summary.json` hold; absent where there is no such file, or it is damaged. */
  readonly config?: { readonly [name: string]: unknown };
  readonly summary?: { readonly [name: string]: unknown };
  readonly problems: readonly Problem[];
};

/**
 * Reads one run, live or finished, once: how it stands, its sampled curves and its facts.
 *
 * @param folder - Its folder; those of other runs inside it are not read.
 *
 * @example
 * ```ts
 * import { readRun } from '@steppe/watch';
 *
 * const { run, curves } = await readRun('no-such-run');
 * console.log(run.name, run.step, Object.keys(curves)); // => no-such-run 0 []
 * ```
 */
export async function readRun(folder: string, { points = 1000 }: WatchOptions = {}): Promise<RunRead> {
  const followed = followRun(folder, '.', 2 * Math.max(1, Math.floor(points / 2)));
  await followed.read(Number.POSITIVE_INFINITY, false);
  const [config, summary] = [followed.config(), followed.summary()];
  return {
    run: { ...followed.run(), name: basename(resolve(folder)) },
    curves: followed.curves({}, points),
    ...(config && { config }),
    ...(summary && { summary }),
    problems: followed.problems(),
  };
}
