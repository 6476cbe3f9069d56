import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Source } from '../options/check.ts';
import { type FileSource, type Resolved, resolveOptions } from '../options/resolve.ts';
import { shownPath } from '../run/run-folder.ts';
import { CommandError } from './exit-codes.ts';
import { pathWord } from './shell.ts';

const configOf = (folder: string): string => join(folder, 'config.json');

const isRun = (folder: string): Promise<boolean> =>
  stat(configOf(folder)).then(
    () => true,
    () => false,
  );

/**
 * Finds the run that `--resume` is about.
 *
 * @param named - Its folder; `auto` for the run in the folder of `--out`, if there is one.
 * @returns undefined where `auto` finds none: the run begins there.
 * @throws When there is no run in the folder, or `--out` names another one.
 */
export async function runToResume(named: string, { values: { out } }: Source): Promise<string | undefined> {
  if (named === 'auto') {
    if (typeof out !== 'string')
      throw new CommandError('--resume auto goes on with the run in --out: name that folder.');
    return (await isRun(out)) ? out : undefined;
  }
  if (out !== undefined && resolve(String(out)) !== resolve(named))
    throw new CommandError(`--resume ${named} and --out ${out} both say where the run is: leave --out out.`);
  if (await isRun(named)) return named;
  throw new CommandError(`No run at ${pathWord(named)}: --resume takes the folder of a run, such as runs/first.`);
}

/**
 * Settles the options of a run that goes on: those that it was begun with, changed by the command line, unless that says
 * by `--preset` or `--config` where all options start, as the command that began it may have done.
 *
 * @param asNew - Settles them as for a new run.
 */
export async function resumedOptions(
  folder: string,
  line: Source,
  config: string | undefined,
  {
    asNew,
    sourceOf,
  }: {
    readonly asNew: (line: Source) => Promise<Resolved>;
    readonly sourceOf: (file: string) => Promise<FileSource>;
  },
): Promise<Resolved> {
  const here = { ...line, values: { ...line.values, out: folder } };
  if (config !== undefined || line.values.preset !== undefined) return asNew(here);
  const { sha256: _, ...resolved } = resolveOptions(here, await sourceOf(shownPath(configOf(folder))));
  // What the run saw is compared with all else that it was begun with.
  return resolved;
}
