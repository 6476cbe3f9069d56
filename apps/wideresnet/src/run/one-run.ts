import { join } from 'node:path';
import { openRunLog } from '@steppe/train/node';
import { dispose } from '@steppe/tree';
import type { Curve, Point } from '../report/curve.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Data } from './data.ts';
import type { Facts } from './facts.ts';
import type { Plan } from './plan.ts';
import { writeJson } from './run-folder.ts';
import { type Summary, summarize } from './summary.ts';
import { runTraining, type Start } from './training.ts';
import { saveWeights } from './weights.ts';

/** Where a run goes, what it is made of, who watches it and what may stop it. */
export type Setting = {
  readonly facts: Facts;
  readonly folder: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
};

/** What is left of a run beside its files. */
export type Trained = { readonly facts: Facts; readonly summary: Summary; readonly curve: Curve };

/** Trains one run and leaves its files in a folder; after an interruption those of the steps so far. */
export async function trainOne(
  plan: Plan,
  data: Data,
  start: Start,
  { facts, folder, reporter, signal }: Setting,
): Promise<Trained> {
  await writeJson(join(folder, 'config.json'), facts);
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
          if (record.errorRate !== undefined) points.push({ gradients, error: record.errorRate });
          shown.onEvaluation(record, seconds);
          log.write(record);
        },
      },
      signal,
    );
    const summary = summarize(plan, outcome);
    await saveWeights(folder, outcome, facts, summary);
    dispose(outcome.params, outcome.state);
    await writeJson(join(folder, 'summary.json'), summary);
    return { facts, summary, curve: { name: plan.name, points } };
  } finally {
    shown.stop();
    log.close();
  }
}
