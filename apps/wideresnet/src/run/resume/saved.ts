import { join } from 'node:path';
import { codeOf, readRegular } from '@steppe/files';
import type { RunRecord } from '@steppe/train';
import { readRunLog } from '@steppe/train/node';
import type { Plain } from '@steppe/tree';
import { z } from 'zod';
import { CommandError, exitCode } from '../../commands/exit-codes.ts';
import { configSchema } from '../../options/config-file.ts';
import type { Curve, Point } from '../../report/curve.ts';
import type { Facts } from '../facts.ts';
import type { Plan } from '../plan.ts';
import type { Progress } from '../progress.ts';
import type { Summary } from '../summary.ts';

/** The file of `Facts` in the folder of a run. */
export const configFile = 'config.json';

/** What of the facts is looked at; the rest is only shown. */
const facts = z.looseObject({
  schema: z.literal(configSchema),
  options: z.record(z.string(), z.unknown()),
  network: z.looseObject({ parameters: z.number() }),
  dataset: z.looseObject({ sha256: z.string() }),
  chain: z.string(),
  device: z.looseObject({ name: z.string() }),
  versions: z.record(z.string(), z.string()),
  epochs: z.number(),
  steps: z.number(),
});

const summary = z.looseObject({
  schema: z.literal('steppe.summary/1'),
  status: z.enum(['complete', 'interrupted']),
  steps: z.number(),
});

const about = z.looseObject({
  schema: z.literal('steppe.checkpoint/1'),
  facts,
  progress: z.looseObject({ gradientEvaluations: z.number(), seconds: z.number() }),
  logBytes: z.number(),
});

/** What the app keeps beside a position. */
export type About = {
  readonly schema: 'steppe.checkpoint/1';
  readonly facts: Facts;
  readonly progress: Progress;
  /** How long the log was then: what stands behind is written again. */
  readonly logBytes: number;
};

const maxBytes = 1_000_000;

/** Reads a JSON file of a run's folder; undefined where there is none. */
async function readJson<T>(file: string, schema: z.ZodType): Promise<T | undefined> {
  let text: string;
  try {
    text = String(await readRegular(file, { maxBytes }));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    schema.parse(value);
    return value as T;
  } catch (cause) {
    throw new CommandError(`${file} is not as steppe train leaves it: the run cannot go on.`, exitCode.data, { cause });
  }
}

/** What a run was begun with; undefined where none was. */
export const readFacts = (folder: string): Promise<Facts | undefined> => readJson(join(folder, configFile), facts);

/** What a run came to; undefined where it has not ended yet. */
export const readSummary = (folder: string): Promise<Summary | undefined> =>
  readJson(join(folder, 'summary.json'), summary);

/**
 * Reads what the app keeps beside a position.
 *
 * @throws When somebody else saved it.
 */
export function readAbout(file: string, saved: Plain): About {
  const { success } = about.safeParse(saved);
  if (success) return saved as About;
  throw new CommandError(`${file} was not saved by steppe train: the run cannot go on from it.`, exitCode.data);
}

/** The curve of the evaluations that a log has. */
function curveIn(records: readonly RunRecord[], { name, split }: Plan): Curve {
  const points: Point[] = [];
  let gradients = 0;
  for (const record of records) {
    if (record.type === 'step') gradients = record.gradientEvaluations;
    if (record.type === 'evaluation' && record.split === split && record.errorRate !== undefined)
      points.push({ gradients, error: record.errorRate });
  }
  return { name, points };
}

/** Reads the curve of a run from its log; one without points, which is told, where that cannot be read. */
export async function readCurve(folder: string, plan: Plan, note: (text: string) => void): Promise<Curve> {
  const records = await readRunLog(folder).catch(({ message }: Error) => {
    note(`note: the curve of ${plan.name} lacks its first part: ${message}`);
    return [];
  });
  return curveIn(records, plan);
}
