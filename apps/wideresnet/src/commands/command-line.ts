import { Command, CommanderError, Option } from 'commander';
import type { Source } from '../options/check.ts';
import { type OptionName, optionNames, optionOf } from '../options/schema.ts';
import { oneLine } from '../report/format.ts';
import { CommandError } from './exit-codes.ts';

const flags = (name: string, value: string | undefined): string =>
  value === undefined ? `--${name}` : `--${name} <${value}>`;

/**
 * Adds options of the table to a command, in the table's order and groups.
 *
 * @param defaults - What the help calls the default; commander itself never fills anything in.
 */
export function withOptions(
  command: Command,
  names: readonly OptionName[],
  defaults: Readonly<Partial<Record<OptionName, unknown>>> = {},
): Command {
  for (const name of names) {
    const { about, value, group } = optionOf(name);
    const text = value !== undefined && name in defaults ? `${about} (default: ${String(defaults[name])})` : about;
    command.addOption(new Option(flags(name, value), text).helpGroup(`${group}:`));
  }
  return command;
}

/** Text as the number that it spells; anything else stays text, for the check to refuse as it was typed. */
export function literal(text: string): unknown {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

const isText = (name: string): boolean => optionNames.some((option) => option === name && optionOf(option).isText);

/** What only one command knows, and no config file. */
const notOptions: ReadonlySet<string> = new Set(['config', 'resume', 'bench', 'near', 'sheet', 'top']);

/**
 * What the command line says: a value for each option that was typed, numbers as numbers.
 *
 * @param own - Options that only this command has, which are left out.
 */
export function typed(command: Command, own: ReadonlySet<string> = notOptions): Source {
  const said = new Map(
    command.options.flatMap((option) => {
      const name = option.long?.slice(2) ?? '';
      const value: unknown = command.getOptionValue(option.attributeName());
      return value === undefined || own.has(name) ? [] : [[name, value] as const];
    }),
  );
  const values = Object.fromEntries(
    [...said].map(([name, value]) => [name, typeof value === 'string' && !isText(name) ? literal(value) : value]),
  );
  const typedAs = (name: string): string | undefined => said.get(name)?.toString();
  return { values, nameOf: (name) => `--${name}`, typedAs };
}

/** Makes a command tell its errors by throwing, and wrap its help to the terminal. */
export function quiet(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ showGlobalOptions: false });
}

/**
 * The one line for what commander refuses: unknown options and commands, missing and superfluous values.
 *
 * @param command - The one that was called, whose help says what it takes; undefined where there is none of that name.
 * @param argv - All that was said.
 */
export function usageError(error: CommanderError, command: string | undefined, argv: readonly string[]): CommandError {
  const help = `steppe ${command === undefined ? '' : `${command} `}--help`;
  // Of options that launch does not know most are those of train.
  const isOfTrain = command === 'launch' && error.code === 'commander.unknownOption' && !argv.includes('--');
  if (isOfTrain)
    return new CommandError(
      `${oneLine(error.message.replace(/^error: /, ''))}: options of train stand behind two dashes, as in steppe launch -n 4 -- train --preset fashion. See ${help}.`,
    );
  return new CommandError(`${oneLine(error.message.replace(/^error: /, ''))}. See ${help}.`.replace('.. ', '. '));
}

export { Command, CommanderError };
