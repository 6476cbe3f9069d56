import { type EvaluationRecord, parseRecord, type RunRecord, type StepRecord } from '@steppe/train';
import type { Curves } from '../run.ts';
import { speedometer } from './speed.ts';
import { type OpenTable, openTable, type Place, type Wanted } from './table.ts';
import { openTail, type Reading } from './tail.ts';

/** What the log of a run has said so far. */
type Told = {
  readonly last: Place & { readonly epoch: number };
  readonly latest: Readonly<Record<string, number>>;
  /** What is wrong with it, a line each. */
  readonly problems: readonly string[];
};

/** A run's log, followed. */
export type FollowedLog = {
  read(most: number, batch: number | undefined): Promise<Reading>;
  told(): Told;
  curves(wanted: Readonly<Record<string, Wanted>>, points: number): Curves;
};

/** Data that evaluations may be made on; a log that names more is none of ours. */
const maxSplits = 16;

const start = { step: 0, gradients: 0, seconds: 0, epoch: 0 };

/** The curves in a record: what an evaluation calls its error rate is an error for people. */
function valuesOf(record: StepRecord | EvaluationRecord): Readonly<Record<string, number | undefined>> {
  const { metrics, loss } = record;
  if (record.type === 'evaluation') return { loss, error: record.errorRate, ...metrics };
  const { perturbedLoss, sharpness, gradientNorm, epsilonHatNorm, learningRate, rho } = record;
  return { loss, perturbedLoss, sharpness, gradientNorm, epsilonHatNorm, learningRate, rho, ...metrics };
}

/**
 * Follows the log of a run: reads the lines it grows by, and keeps samples of every curve.
 *
 * @param limit - The most points of a curve.
 */
export function followLog(path: string, limit: number): FollowedLog {
  const tables = new Map<string, OpenTable>();
  let last = start;
  let latest: Record<string, number> = {};
  let speed = speedometer();
  let batch: number | undefined;
  const wrong = { count: 0, first: '' };
  const notFinite = { count: 0, first: '' };
  /** Added to what the log counts, where a run began again at 0 in the same log. */
  let base = { gradients: 0, seconds: 0 };

  const tableOf = (split: string): OpenTable | undefined => {
    const found = tables.get(split);
    if (found !== undefined || tables.size === maxSplits) return found;
    const made = openTable(limit);
    tables.set(split, made);
    return made;
  };
  const note = (about: { count: number; first: string }, text: string): void => {
    if (about.count === 0) about.first = text;
    about.count += 1;
  };
  /** A step that was made before: the run went back to it, and what followed is made again. */
  const goBack = (step: number, gradients: number, seconds: number): void => {
    const left = [...tables.values()].map((table) => table.rewind(step));
    const end = left.reduce((a, b) => (b.step > a.step ? b : a), start);
    base = {
      gradients: gradients + base.gradients < end.gradients ? end.gradients : base.gradients,
      seconds: seconds + base.seconds < end.seconds ? end.seconds : base.seconds,
    };
    speed = speedometer();
  };
  const take = (record: RunRecord, number: number): void => {
    if (record.type === 'change') return;
    const { step, epoch } = record;
    if (record.type === 'step') {
      const { gradientEvaluations, seconds } = record;
      if (step <= last.step) goBack(step, gradientEvaluations, seconds);
      last = { step, epoch, gradients: base.gradients + gradientEvaluations, seconds: base.seconds + seconds };
    } else last = { ...last, step: Math.max(step, last.step), epoch };
    const prefix = record.type === 'step' ? '' : `${record.split} `;
    const values = valuesOf(record);
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      if (Number.isFinite(value)) latest[`${prefix}${name}`] = value;
      else note(notFinite, `${prefix}${name} is ${value} at step ${step} (line ${number})`);
    }
    const pace = record.type === 'step' ? speed(last, batch) : {};
    latest = Object.assign(latest, pace);
    tableOf(record.type === 'step' ? 'train' : record.split)?.add({ ...last, step }, { ...values, ...pace });
  };

  const tail = openTail(path, {
    line(text, number) {
      let record: RunRecord;
      try {
        record = parseRecord(text);
      } catch (error) {
        note(wrong, `line ${number}: ${(error as Error).message}`);
        return;
      }
      take(record, number);
    },
    tooLong: (number) => note(wrong, `line ${number} is longer than any record.`),
    restart() {
      tables.clear();
      [last, latest, speed, base] = [start, {}, speedometer(), { gradients: 0, seconds: 0 }];
      wrong.count = 0;
      notFinite.count = 0;
    },
  });

  const more = (count: number, what: string): string => (count > 1 ? ` And ${count - 1} more such ${what}.` : '');
  return {
    read(most, size) {
      batch = size;
      return tail(most);
    },
    told: () => ({
      last,
      latest: { ...latest },
      problems: [
        ...(wrong.count > 0 ? [`${wrong.first}${more(wrong.count, 'lines')}`] : []),
        ...(notFinite.count > 0 ? [`${notFinite.first}.${more(notFinite.count, 'values')}`] : []),
      ],
    }),
    curves: (wanted, points) =>
      Object.fromEntries([...tables].map(([split, table]) => [split, table.read({ points, ...wanted[split] })])),
  };
}
