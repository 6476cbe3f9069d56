import { lstat, realpath } from 'node:fs/promises';
import { aNumber, checkOptions, count } from '@steppe/check';
import type { Curves, Look } from '../run.ts';
import { findRuns } from './find.ts';
import { type FollowedRun, followRun } from './follow-run.ts';
import type { Wanted } from './table.ts';

/** How runs are watched. */
export type WatchOptions = {
  /**
   * The most points of a curve, at least 2: longer ones are sampled, with the least and the largest value of what each
   * point stands for.
   *
   * @defaultValue 1000
   */
  readonly points?: number;
};

/** Runs, as they go on. */
export type Watched = {
  /**
   * Reads what the runs have grown by since the last look, and says how they stand.
   *
   * @param most - About how many bytes of logs are read; the rest is left to the next look.
   */
  look(most?: number): Promise<Look>;
  /**
   * Gives the curves of a run as of the last look; undefined for a name that is none.
   *
   * @param wanted - For each table, what the caller has of it already: only later buckets are given then.
   */
  curves(name: string, wanted?: Readonly<Record<string, Wanted>>, points?: number): Curves | undefined;
};

/** What is above a run: `a` and `a/b` for `a/b/c`, and the folder that is watched. */
const above = (name: string): readonly string[] =>
  name === '.' ? [] : ['.', ...name.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))];

/**
 * Watches the runs in a folder, and in the folders below it: whatever holds a `metrics.jsonl` or a `config.json`.
 *
 * Each look reads only what was appended since the one before. Half a last line waits for its other half, a log that
 * was cut is read again, and files that are damaged or foreign are named, not fatal. Symbolic links are not followed.
 *
 * @throws When `points` is no whole number of at least 2; a look throws when the folder is not there.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { evaluationRecord } from '@steppe/train';
 * import { openRunLog } from '@steppe/train/node';
 * import { watchRuns } from '@steppe/watch';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'steppe-'));
 * const log = openRunLog(join(folder, 'first'));
 * log.write(evaluationRecord({ loss: 0.5, examples: 100 }, { step: 10, epoch: 1, split: 'test' }));
 * log.close();
 *
 * const watched = watchRuns(folder);
 * const { runs } = await watched.look();
 * console.log(runs.map(({ name, step, latest }) => [name, step, latest['test loss']])); // => [ [ 'first', 10, 0.5 ] ]
 * console.log(watched.curves('first')?.test?.columns.loss?.mean); // => [ 0.5 ]
 * ```
 */
export function watchRuns(folder: string, options: WatchOptions = {}): Watched {
  checkOptions('watchRuns', options, { points: aNumber(count) });
  const { points: most = 1000 } = options;
  const limit = 2 * Math.max(1, Math.floor(most / 2));
  const followed = new Map<string, FollowedRun>();

  /** Those that changed last come first, so that what is live is seen before what is old. */
  const inTurn = (): readonly [string, FollowedRun][] =>
    [...followed].sort(([, a], [, b]) => b.run().changed - a.run().changed);

  return {
    async look(budget = Number.POSITIVE_INFINITY) {
      const root = await realpath(folder);
      if (!(await lstat(root)).isDirectory()) throw new Error(`${folder} must be a folder of runs, got a file.`);
      const { names, problems } = await findRuns(root);
      for (const name of followed.keys()) if (!names.includes(name)) followed.delete(name);
      for (const name of names) if (!followed.has(name)) followed.set(name, followRun(root, name, limit));
      let left = budget;
      for (const [name, run] of inTurn()) {
        const isHeld = above(name).some((folder) => followed.get(folder)?.held() === true);
        const read = await run.read(left, isHeld);
        left = Math.max(0, left - read);
      }
      const runs = names.flatMap((name) => followed.get(name)?.run() ?? []);
      return {
        runs,
        problems: [...problems, ...[...followed.values()].flatMap((run) => run.problems())],
        unread: runs.reduce((sum, { unread }) => sum + unread, 0),
      };
    },
    curves: (name, wanted = {}, points = limit) => followed.get(name)?.curves(wanted, points),
  };
}
