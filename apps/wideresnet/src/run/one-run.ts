import { join } from 'node:path';
import { openRunLog } from '@steppe/train/node';
import { dispose } from '@steppe/tree';
import type { Curve, Point } from '../report/curve.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Data } from './data.ts';
import type { Facts } from './facts.ts';
import type { Plan } from './plan.ts';
import { claimRunFolder, writeJson } from './run-folder.ts';
import { saveSomewhere } from './save.ts';
import { type Summary, summarize } from './summary.ts';
import { runTraining, type Start } from './training.ts';
import { saveWeights } from './weights.ts';

/** Where a run goes, what it is made of, who watches it and what may stop it. */
export type Setting = {
  readonly facts: Facts;
  readonly folder: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** Where the files go when the folder cannot take them. */
  readonly second: string | undefined;
};

/** What is left of a run beside its files, and the folder that these are in. */
export type Trained = {
  readonly facts: Facts;
  readonly summary: Summary;
  readonly curve: Curve;
  readonly folder: string;
};

/** Trains one run and leaves its files in a folder; after an interruption those of the steps so far. */
export async function trainOne(
  plan: Plan,
  data: Data,
  start: Start,
  { facts, folder, reporter, signal, second }: Setting,
): Promise<Trained> {
  await claimRunFolder(folder, facts);
  const log = openRunLog(folder, { warn: reporter.note });
  const shown = reporter.run(plan);
  const points: Point[] = [];
  let gradients = 0;
  try {
    const outcome = await runTraining(
      plan,
      data,
      start,
      {
        onStep(record) {
          gradients = record.gradientEvaluations;
          shown.onStep(record);
          log.write(record);
        },
        onEvaluation(record, seconds) {
          if (record.errorRate !== undefined && record.split === plan.split)
            points.push({ gradients, error: record.errorRate });
          shown.onEvaluation(record, seconds);
          log.write(record);
        },
      },
      signal,
    );
    const summary = summarize(plan, outcome);
    const write = async (place: string): Promise<void> => {
      if (place !== folder) await writeJson(join(place, 'config.json'), facts, { replace: true });
      await saveWeights(place, outcome, facts, summary);
      await writeJson(join(place, 'summary.json'), summary, { replace: true });
    };
    try {
      const place = await saveSomewhere(folder, write, { note: reporter.note, second });
      return { facts, summary, curve: { name: plan.name, points }, folder: place };
    } finally {
      dispose(outcome.params, outcome.state);
    }
  } finally {
    shown.stop();
    log.close();
  }
}
