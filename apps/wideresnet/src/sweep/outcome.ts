import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@steppe/files';
import { spelledNumber } from '@steppe/tree';
import { flat } from '../report/named-values.ts';

/** How far a trial is: `begun` is one that runs, or that was ended and can go on. */
type State = 'complete' | 'begun' | 'absent';

/** What the folder of a trial holds. */
export type Outcome = {
  readonly state: State;
  /** The options that it has, with what stands in the preset. */
  readonly options: { readonly [name: string]: unknown };
  /** The values of its summary, under the names of the last line of its output. */
  readonly values: { readonly [name: string]: unknown };
};

type Content = { readonly [name: string]: unknown };

async function readJson(file: string): Promise<Content | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'), (_, own: unknown) => spelledNumber(own) ?? own);
    return value as Content;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Reads what came of a trial, whichever engine ran it. */
export async function readOutcome(folder: string): Promise<Outcome> {
  const config = await readJson(join(folder, 'config.json'));
  const summary = await readJson(join(folder, 'summary.json'));
  const values = Object.fromEntries(Object.entries(summary ?? {}).map(([name, value]) => [flat(name), value]));
  const options = (config?.options ?? {}) as Content;
  if (config === undefined) return { state: 'absent', options, values };
  return { state: values.status === 'complete' ? 'complete' : 'begun', options, values };
}

/** The number that a trial is judged by; nothing where it is not complete, or did not measure it. */
export function judgedBy({ state, values }: Outcome, metric: string): number | undefined {
  const value = values[metric];
  return state === 'complete' && typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
