import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type RunRead, readRun } from '@steppe/watch';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { pathWord } from '../commands/shell.ts';
import type { Curve } from './curve.ts';

/** A run of a report: what was read of it, under a name of its own. */
export type Reported = RunRead & { readonly name: string };

const isRun = ({ config, curves }: RunRead): boolean => config !== undefined || Object.keys(curves).length > 0;

/** A run's folder, and those of its rivals in it. */
async function placesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new CommandError(
      `No run at ${pathWord(folder)}: give the folder of a run, such as runs/first.`,
      exitCode.usage,
      {
        cause,
      },
    );
  });
  return [folder, ...entries.flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : []))];
}

/** What a run is called beside the others: its folder, and its method where it has one. */
function nameOf(place: string, top: string, { run }: RunRead): string {
  const folder = basename(resolve(top));
  const below = place === top ? folder : `${folder}/${basename(place)}`;
  return run.method === undefined ? below : `${run.method} (${below})`;
}

/**
 * Reads runs, live or finished, with the rivals that `--compare` left in their folders.
 *
 * @throws When a folder is missing or holds no run.
 */
export async function readRuns(folders: readonly string[]): Promise<readonly Reported[]> {
  const all = await Promise.all(
    folders.map(async (top) => {
      const read = await Promise.all(
        (await placesIn(top)).map(async (place) => ({ place, ...(await readRun(place)) })),
      );
      const runs = read.filter(isRun).map(({ place, ...run }) => ({ ...run, name: nameOf(place, top, run) }));
      if (runs.length > 0) return runs;
      const why = read.flatMap(({ place, problems }) => problems.map((one) => `${join(place, one.file)}: ${one.why}`));
      const [first] = why;
      if (first !== undefined) throw new CommandError(`There is no run in ${top}: ${first}`, exitCode.data);
      throw new CommandError(`There is no run in ${top}: it has no config.json and no metrics.jsonl.`);
    }),
  );
  return all.flat();
}

type Split = 'validation' | 'test';

const isEvaluatedOn = (split: Split, { curves }: Reported): boolean =>
  curves[split]?.columns.error?.mean.some((error) => error !== null) ?? false;

/** The data on which runs are compared: the validation images where all were measured on some, else the test images. */
export const splitOf = (runs: readonly Reported[]): Split =>
  runs.every((run) => isEvaluatedOn('validation', run)) ? 'validation' : 'test';

/** The error of a run on held-out images over its gradients. */
export function curveOf({ name, curves }: Reported, split: Split): Curve {
  const { [split]: table } = curves;
  const means = table?.columns.error?.mean ?? [];
  return {
    name,
    points: means.flatMap((error, i) => (error === null ? [] : [{ gradients: table?.gradients[i] ?? 0, error }])),
  };
}
