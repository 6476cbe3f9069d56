import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CommandError, exitCode } from '../../commands/exit-codes.ts';
import { oneLine } from '../../report/format.ts';
import type { Program } from '../program.ts';
import { isList, type Numbers, type Settings, type Space } from '../space.ts';
import type { Values } from '../spec.ts';
import type { Sweep } from '../sweep.ts';
import { textOf } from '../trial.ts';

/** Optuna, by its command line. */
export const optuna: Program = { name: 'optuna', version: /^optuna \d/, install: 'pip install optuna' };

/** A trial as Optuna counts it. */
export type Asked = { readonly number: number; readonly params: Settings };

/** A study, by the commands of Optuna. */
export type Study = {
  /** The trials so far, with their states. */
  trials(): Promise<readonly (Asked & { readonly state: string })[]>;
  /** Draws a trial. */
  ask(): Promise<Asked>;
  /** Says what came of a trial; without a value it failed. */
  tell(number: number, value: number | undefined): Promise<void>;
};

/** What Optuna calls what an option is tried at. */
function distribution(choices: Values | Numbers): object {
  if (isList(choices)) return { name: 'CategoricalDistribution', attributes: { choices: choices.map(choice) } };
  const { low, high, log, step = null, whole } = choices;
  if (!whole) return { name: 'FloatDistribution', attributes: { low, high, log, step } };
  return { name: 'IntDistribution', attributes: { low, high, log, step: step ?? 1 } };
}

/** A value as Optuna keeps it; what is no scalar it keeps as the text of the command line. */
const choice = (value: unknown): unknown =>
  ['number', 'string', 'boolean'].includes(typeof value) && value !== Number.POSITIVE_INFINITY ? value : textOf(value);

/** Who draws the trials: every combination of a grid, else TPE, unless the file names another one. */
function samplerOf({ spec, grid, space }: Sweep): readonly string[] {
  const { sampler, 'sampler-options': options } = spec.optuna;
  if (sampler !== undefined || grid === undefined)
    return ['--sampler', sampler ?? 'TPESampler', ...(options ? ['--sampler-kwargs', JSON.stringify(options)] : [])];
  const lists = Object.entries(space).flatMap(([name, own]) => (isList(own) ? [[name, own.map(choice)]] : []));
  return ['--sampler', 'GridSampler', '--sampler-kwargs', JSON.stringify({ search_space: Object.fromEntries(lists) })];
}

const searchSpace = (space: Space): string =>
  JSON.stringify(Object.fromEntries(Object.entries(space).map(([name, own]) => [name, distribution(own)])));

/**
 * Opens the study of a sweep, or makes it.
 *
 * The storage is handed over by the environment: its address may hold a password, which a command line would show to
 * everybody on the machine.
 */
export async function openStudy(sweep: Sweep, environment: NodeJS.ProcessEnv = process.env): Promise<Study> {
  const { storage, 'storage-class': storageClass, study = sweep.name } = sweep.spec.optuna;
  const address = storage ?? environment.OPTUNA_STORAGE ?? `sqlite:///${join(sweep.folder, 'optuna.db')}`;
  const env = { ...environment, OPTUNA_STORAGE: address, PYTHONWARNINGS: 'ignore' };
  const same = ['--study-name', study, ...(storageClass === undefined ? [] : ['--storage-class', storageClass])];

  const call = async (command: string, ...args: readonly string[]): Promise<string> => {
    try {
      const { stdout } = await promisify(execFile)(optuna.name, [command, ...args], { env, maxBuffer: 2 ** 28 });
      return stdout;
    } catch (cause) {
      const { stderr = '', message } = cause as Error & { readonly stderr?: string };
      const [reason = message] = stderr.trim().split('\n').slice(-1);
      throw new CommandError(`optuna ${command}: ${oneLine(reason)}`, exitCode.unavailable, { cause });
    }
  };
  await call('create-study', ...same, '--direction', sweep.spec.direction, '--skip-if-exists', '--quiet');
  return {
    trials: async () => JSON.parse(await call('trials', ...same, '--format', 'json', '--quiet')),
    ask: async () =>
      JSON.parse(
        await call(
          ...(['ask', ...same, '--search-space', searchSpace(sweep.space)] as const),
          ...samplerOf(sweep),
          ...['--format', 'json', '--quiet'],
        ),
      ),
    tell: async (number, value) => {
      const result = value === undefined ? ['--state', 'fail'] : ['--values', String(value)];
      await call('tell', ...same, '--trial-number', String(number), ...result, '--skip-if-finished', '--quiet');
    },
  };
}
