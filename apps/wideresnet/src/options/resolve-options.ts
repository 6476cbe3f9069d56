import type { z } from 'zod';
import { CommandError } from '../commands/exit-codes.ts';
import { nearest } from './nearest.ts';
import { optionHelp } from './option-help.ts';
import { type OptionName, type Options, optionsSchema, type Settings, settingsSchema } from './options.ts';
import type { PresetName } from './preset-names.ts';
import { presets } from './presets.ts';

/** Where a value was given, to say so: `--rho` on the command line, `rho in run.yaml` in a file. */
export type Source = {
  readonly values: Readonly<Record<string, unknown>>;
  readonly nameOf: (option: string) => string;
};

const isOption = (name: string): name is OptionName => Object.hasOwn(optionHelp, name);

/** A value as one would write it, short enough for one line. */
function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function complaint({ values, nameOf }: Source, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    const guess = nearest(name, Object.keys(optionHelp));
    return `${nameOf(name)} is no option${guess === undefined ? '.' : `: did you mean ${guess}?`}`;
  }
  const name = String(issue.path[0]);
  const expects = isOption(name) ? optionHelp[name].expects : 'an option';
  return `${nameOf(name)} must be ${expects}, got ${shown(values[name])}.`;
}

/** Without what is undefined, which is as good as not said. */
const given = (values: Source['values']): Source['values'] =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** Checks what one source says. */
function check(source: Source): Settings {
  const { success, data, error } = settingsSchema.safeParse(given(source.values));
  if (success) return data;
  throw new CommandError(error.issues.map((issue) => complaint(source, issue))[0] ?? 'The options are wrong.');
}

/**
 * Settles the options of a run: the preset, changed by the config file, changed by the command line.
 *
 * @param standard - The preset that is used when nobody names one.
 *
 * @throws When a value is not allowed, naming the option, the value and what is allowed.
 */
export function resolveOptions(
  commandLine: Source,
  configFile?: Source,
  standard: PresetName = 'fashion-mini',
): Options {
  const fromFile = configFile === undefined ? {} : check(configFile);
  const { preset = fromFile.preset ?? standard, ...fromLine } = check(commandLine);
  const { preset: _, ...file } = fromFile;
  const said = { ...file, ...fromLine };
  // Who says epochs means them, also where the preset counts steps.
  const { steps, ...counted } = presets[preset];
  const start = 'epochs' in said || steps === undefined ? counted : { ...counted, steps };
  const options = optionsSchema.parse({ ...start, ...said });
  if (options.m !== undefined && options.m > options.batch) {
    const name = 'm' in fromLine ? commandLine.nameOf('m') : 'm' in file ? configFile?.nameOf('m') : `m of ${preset}`;
    throw new CommandError(`${name} must be at most the batch of ${options.batch} examples, got ${options.m}.`);
  }
  return options;
}
