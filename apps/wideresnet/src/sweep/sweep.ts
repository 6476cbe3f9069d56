import { readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { codeOf, makeFolder, writeAtomically } from '@steppe/files';
import { printJson } from '@steppe/tree';
import { CommandError } from '../commands/exit-codes.ts';
import { shownPath } from '../run/run-folder.ts';
import { checkMetric } from './metric.ts';
import { corners, drawTrials, gridOf, type Settings, type Space, spaceOf } from './space.ts';
import type { Spec } from './spec.ts';
import { checkTrial } from './trial.ts';

/** A sweep that was checked: every trial of it is one that `steppe train` takes. */
export type Sweep = {
  readonly spec: Spec;
  readonly file: string;
  /** Where its trials are, whole. */
  readonly folder: string;
  readonly name: string;
  readonly space: Space;
  /** The trials of a grid; nothing where the engine draws them from ranges. */
  readonly grid: readonly Settings[] | undefined;
  readonly trials: number;
  readonly jobs: number;
  /** What calls this program. */
  readonly command: readonly string[];
};

/** How many trials there are: those of the grid, unless the file says less. */
function countTrials({ trials }: Spec, grid: readonly Settings[] | undefined, file: string): number {
  if (grid === undefined && trials === undefined)
    throw new CommandError(`${file} must say how many trials to draw from its ranges, such as "trials: 20".`);
  if (grid !== undefined && trials !== undefined && trials !== grid.length)
    throw new CommandError(`trials in ${file} is ${trials}, and the grid has ${grid.length}: leave trials out.`);
  return trials ?? grid?.length ?? 0;
}

function countJobs({ jobs, devices }: Spec, file: string): number {
  if (jobs !== undefined && devices !== undefined && jobs > devices.length)
    throw new CommandError(`jobs in ${file} must be at most the ${devices.length} devices, one for each, got ${jobs}.`);
  return jobs ?? devices?.length ?? 1;
}

/** What every trial has, whichever the options are that are tried: nothing is compared unless the file says so. */
export const fixedOf = ({ options }: Spec): Settings => ({ compare: 'none', ...options });

/**
 * Checks a sweep as a whole before anything is done.
 *
 * @throws When an option is unknown or fixed and searched, a trial is one that no run takes, or the metric is not
 * measured.
 */
export function checkSweep(spec: Spec, file: string, out?: string): Sweep {
  const space = spaceOf(spec, file);
  const twice = Object.keys(space).find((option) => option in spec.options);
  if (twice !== undefined)
    throw new CommandError(`${twice} in ${file} is both fixed and searched: leave one of them out.`);
  const fixed = fixedOf(spec);
  for (const settings of corners(space)) checkMetric(spec, checkTrial({ ...fixed, ...settings }, file), file);
  const grid = gridOf(space, file);
  const name = basename(file, extname(file));
  return {
    spec,
    file,
    folder: resolve(out ?? join('sweeps', name)),
    name,
    space,
    grid,
    trials: countTrials(spec, grid, file),
    jobs: countJobs(spec, file),
    command: [process.execPath, resolve(process.argv[1] ?? 'steppe')],
  };
}

/** All trials, for an engine that draws none itself. */
export const trialsOf = ({ spec, grid, space, trials }: Sweep): readonly Settings[] =>
  (grid ?? drawTrials(space, trials, spec.seed)).map((settings) => ({ ...fixedOf(spec), ...settings }));

/** What makes a trial of one number the same trial again; how many there are and where they run may change. */
const identity = ({ spec, space }: Sweep): object => ({
  schema: 'steppe.sweep/1',
  options: spec.options,
  space,
  metric: spec.metric,
  direction: spec.direction,
  seed: spec.seed,
});

/**
 * Takes the folder of a sweep by its `sweep.json`, or goes on in one that the same sweep began.
 *
 * @throws When another sweep has it, with what differs.
 */
export async function claimSweepFolder(sweep: Sweep): Promise<void> {
  const path = join(sweep.folder, 'sweep.json');
  const text = `${printJson(identity(sweep), 2)}\n`;
  makeFolder(sweep.folder);
  try {
    await writeAtomically(path, text, { replace: false });
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
    const before: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
    const now: Record<string, unknown> = JSON.parse(text);
    const differs = Object.keys(now).filter((key) => !isDeepStrictEqual(now[key], before[key]));
    if (differs.length === 0) return;
    throw new CommandError(
      `${shownPath(sweep.folder)} holds another sweep: ${differs.join(', ')} differ. Give another folder by --out.`,
      undefined,
      { cause },
    );
  }
}
