import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@steppe/files';
import { spelledNumber } from '@steppe/tree';
import { z } from 'zod';
import { CommandError } from '../commands/exit-codes.ts';
import { shownPath } from '../run/run-folder.ts';
import { judgedBy, type Outcome, readOutcome } from './outcome.ts';

/** A trial of a sweep and what came of it. */
export type Row = {
  readonly name: string;
  readonly outcome: Outcome;
  /** What it is judged by; nothing where it is not complete. */
  readonly value: number | undefined;
};

/** What is known of a sweep from its folder. */
export type Results = {
  readonly metric: string;
  readonly direction: 'minimize' | 'maximize';
  /** The options that were tried. */
  readonly searched: readonly string[];
  /** The trials, the best one first and those without a value last. */
  readonly rows: readonly Row[];
};

const saved = z.object({
  schema: z.literal('steppe.sweep/1'),
  metric: z.string(),
  direction: z.enum(['minimize', 'maximize']),
  space: z.record(z.string(), z.unknown()),
});

async function readSaved(folder: string): Promise<z.output<typeof saved>> {
  try {
    const text = await readFile(join(folder, 'sweep.json'), 'utf8');
    return saved.parse(JSON.parse(text, (_, own: unknown) => spelledNumber(own) ?? own));
  } catch (cause) {
    const why = codeOf(cause) === undefined ? 'its sweep.json is none of this version' : 'it has no sweep.json';
    throw new CommandError(`No sweep at ${shownPath(folder)}: ${why}.`, undefined, { cause });
  }
}

/**
 * Reads the trials of a sweep, also while it goes on, whichever engine runs them: every folder in it is one.
 *
 * @throws When the folder is none of a sweep.
 */
export async function readResults(folder: string): Promise<Results> {
  const { metric, direction, space } = await readSaved(folder);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  const rows = await Promise.all(
    names.map(async (name): Promise<Row> => {
      const outcome = await readOutcome(join(folder, name));
      return { name, outcome, value: judgedBy(outcome, metric) };
    }),
  );
  const sign = direction === 'minimize' ? 1 : -1;
  const rank = ({ value }: Row): number => (value === undefined ? Number.POSITIVE_INFINITY : sign * value);
  const sorted = rows.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  return { metric, direction, searched: Object.keys(space), rows: sorted };
}

/** The option that a chart is drawn over: the radius where it was tried, else the first one that has numbers. */
export function optionToDraw({ searched, rows }: Results): string | undefined {
  const isNumeric = (option: string): boolean =>
    rows.length > 0 &&
    rows.every(({ outcome: { state, options } }) => state === 'absent' || Number.isFinite(options[option]));
  return ['rho', ...searched].find((option) => searched.includes(option) && isNumeric(option));
}
