import { nearest } from '@steppe/check';
import { replacedByChain } from '../chain/replaced.ts';
import { CommandError } from '../commands/exit-codes.ts';
import { entryOf } from './networks/own.ts';
import { refusal } from './refusal.ts';
import { type OptionName, optionNames, optionOf, type Settings } from './schema.ts';
import type { Options } from './table.ts';

/** Where values were given, to say so: `--rho` on the command line, `rho in run.yaml` in a file. */
export type Source = {
  readonly values: { readonly [name: string]: unknown };
  readonly nameOf: (option: string) => string;
  /** What was typed in the place of a value, where one is told what was got. */
  readonly typedAs?: (option: string) => string | undefined;
};

const isOption = (name: string): name is OptionName => optionNames.some((option) => option === name);

function checkOne({ nameOf, typedAs }: Source, name: string, value: unknown): readonly [name: string, value: unknown] {
  if (!isOption(name)) {
    const guess = nearest(name, optionNames);
    throw new CommandError(`${nameOf(name)} is no option${guess === undefined ? '.' : `: did you mean ${guess}?`}`);
  }
  const { schema, expects, read } = optionOf(name).kind;
  if (read !== undefined) return [name, read(value, nameOf)];
  const { success, data } = schema.safeParse(value);
  if (!success) throw refusal(nameOf(name), expects, value, typedAs?.(name));
  return [name, data];
}

/**
 * Checks what one source says; what is undefined is as good as not said.
 *
 * @throws When a name is unknown or a value is not allowed, naming the option, the value and what is allowed.
 */
export function check(source: Source): Settings {
  const said = Object.entries(source.values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => checkOne(source, name, value)));
}

/** What a saved run does not say, or did not when the option was new. */
const later: Partial<Options> = { json: false, schedule: 'cosine', average: 'none', 'decay-spares': 'none' };

/** The options that every run has, but for those that say where it goes and what it prints. */
const needed = optionNames.filter((name) => !optionOf(name).spare && !(name in later));

/** The options that a run of a network has beside these. */
const neededBy = (network: Options['network'] | undefined): readonly string[] =>
  network === undefined ? [] : Object.keys(entryOf(network).options);

/**
 * Checks the options that a run was saved with: all of them must be there.
 *
 * @throws When `check` does, and when one is missing.
 */
export function checkWhole(source: Source): Options {
  const { preset: _, ...settings } = check(source);
  const whole = settings.chain === undefined ? settings : { ...replacedByChain, ...settings };
  const missing = [...needed, ...neededBy(whole.network)].find((name) => !(name in whole));
  if (missing !== undefined) throw new CommandError(`${source.nameOf(missing)} is missing: it must say all options.`);
  return { ...later, ...whole } as Options;
}
