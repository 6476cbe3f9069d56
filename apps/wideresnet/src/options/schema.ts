import { oneOf } from './kinds.ts';
import { namesOf, type Option } from './option.ts';
import { type PresetName, presetNames, quickNames } from './presets/presets.ts';
import { type LastingOptions, type Options, optionTable } from './table.ts';

/** Every option under the name that the command line and a config file share, in the order in which help prints
 * them. */
const allOptions = {
  preset: {
    group: 'Data',
    kind: { ...oneOf(presetNames), expects: 'a name that steppe presets lists' },
    value: 'name',
    spare: true,
    about: `where all options start from: ${quickNames.join(', ')}, and the rows of the paper's tables: steppe presets`,
  },
  ...optionTable,
} as const satisfies { readonly [name: string]: Option<unknown> };

/** The name of an option, without the dashes. */
export type OptionName = keyof typeof allOptions;

/** The names of all options. */
export const optionNames = namesOf(allOptions);

/** Finds what is known of an option. */
export const optionOf = (name: OptionName): Option<unknown> => allOptions[name];

/** What one source says, be it the command line or a config file: any of the options. */
export type Settings = Partial<Options> & { readonly preset?: PresetName };

/** Whether a run may go on with another value of an option. */
export const mayChange = (name: string): boolean =>
  optionNames.some((option) => option === name && optionOf(option).mayChange);

/** The options that `config.json` holds: all but where a command writes and what it prints. */
export const lasting = (options: Options): LastingOptions =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => !optionOf(name as OptionName).isOutput),
  ) as LastingOptions;
