import { join } from 'node:path';
import { printJson } from '@steppe/tree';
import { CommandError } from '../commands/exit-codes.ts';
import { quoted } from '../commands/shell.ts';
import { withWholePaths } from '../options/paths.ts';
import type { PresetName } from '../options/presets/presets.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import type { Settings } from './space.ts';

/** The folder of a trial, by its number alone: whoever runs it again finds what it left. */
export const trialFolder = (folder: string, number: number): string =>
  join(folder, `trial-${String(number).padStart(4, '0')}`);

/** A value as the command line takes it. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : printJson(value);

/** The words of `steppe train` for some options; a switch that is off needs none. */
export const optionWords = (settings: Settings): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => {
    if (typeof value === 'boolean') return value ? [`--${name}`] : [];
    return [`--${name}=${textOf(value)}`];
  });

/**
 * The words of one trial: it begins in its folder, or goes on with the run that is there.
 *
 * @param folder - That of the trial.
 */
export const trainWords = (settings: Settings, folder: string): readonly string[] => [
  'train',
  ...optionWords(withWholePaths(settings)),
  `--out=${folder}`,
  '--resume=auto',
];

/** A trial as a line for a shell, which appends what the trial prints to a file beside its folder. */
export const trialLine = (command: readonly string[], settings: Settings, folder: string): string =>
  `${[...command, ...trainWords(settings, folder)].map(quoted).join(' ')} >> ${quoted(`${folder}.log`)} 2>&1`;

/** Options that a sweep says itself. */
const ours: ReadonlySet<string> = new Set(['out', 'resume', 'json', 'watch', 'dry-run']);

/**
 * Checks the options of a trial as `steppe train` would.
 *
 * @throws When no run takes them, in one line that names the file.
 */
export function checkTrial(settings: Settings, file: string): Options {
  const own = Object.keys(settings).find((name) => ours.has(name));
  if (own !== undefined) throw new CommandError(`${own} in ${file} is said by the sweep itself: leave it out.`);
  const { preset } = settings as { readonly preset?: PresetName };
  if (preset === undefined)
    throw new CommandError(`options in ${file} must name a preset: without one each machine would take its own.`);
  return resolveOptions({ values: settings, nameOf: (name) => `${name} in ${file}` }).options;
}
