import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changeRecord } from '@steppe/train';
import { openCheckpoints } from '@steppe/train/node';
import { dispose } from '@steppe/tree';
import { pathWord } from '../commands/shell.ts';
import type { Curve, Point } from '../report/curve.ts';
import type { Reporter } from '../report/reporter.ts';
import { alone } from '../workers/alone.ts';
import { tellFound } from '../workers/resumption.ts';
import type { Stop } from '../workers/stop.ts';
import { unixTime } from './clock.ts';
import type { Data } from './data.ts';
import type { Facts } from './facts.ts';
import { keeper } from './keeper.ts';
import { openLogs } from './logs.ts';
import type { Plan } from './plan.ts';
import { type Found, findRun } from './resume/find-run.ts';
import { configFile, readCurve } from './resume/saved.ts';
import { tell } from './resume/tell.ts';
import { claimRunFolder, shownPath, writeJson } from './run-folder.ts';
import { saveSomewhere } from './save.ts';
import { type Summary, summarize } from './summary.ts';
import { runTraining, type Start } from './training.ts';
import { saveWeights } from './weights.ts';

/** Where a run goes, what it is made of, who watches it and what may stop it. */
export type Setting = {
  readonly facts: Facts;
  readonly folder: string;
  /** Whether the folder may hold the run already, which then goes on. */
  readonly resumes: boolean;
  readonly reporter: Reporter;
  /** Ends the run after the step under way. */
  readonly stop: Stop;
  /** Where the files go when the folder cannot take them. */
  readonly second: string | undefined;
};

/** What is left of a run beside its files, and the folder that these are in. */
export type Trained = {
  readonly facts: Facts;
  readonly summary: Summary;
  readonly curve: Curve;
  readonly folder: string;
  /** Whether it was finished before. */
  readonly isOld: boolean;
};

/** What is left of a run that cannot be saved, for whoever has made room. */
const goesOn = (folder: string, step: number | undefined): string =>
  step === undefined
    ? ''
    : ` --resume ${pathWord(shownPath(folder))} then goes on from its checkpoint of step ${step}.`;

/** Trains one run, or what is left of it, and leaves its files in a folder; after an interruption those of the steps so
 * far. */
export async function trainOne(plan: Plan, data: Data, start: Start, setting: Setting): Promise<Trained> {
  const { facts, folder, resumes, reporter, stop, second } = setting;
  const { note } = reporter;
  if (!resumes) await claimRunFolder(folder, facts);
  const checkpoints = openCheckpoints(folder, { warn: note, keep: plan.options['keep-checkpoints'] ?? 2 });
  const found: Found = resumes ? await findRun(folder, plan, facts, checkpoints, note) : { kind: 'new' };
  const from = found.kind === 'under way' ? found.from : undefined;
  try {
    await tellFound(start.workers ?? alone, found);
    if (found.kind === 'finished') {
      tell(plan, found, note);
      reporter.run(plan, found.curve.points).stop();
      return { ...found, folder, isOld: true };
    }
    if (resumes) await writeJson(join(folder, configFile), facts, { replace: true });
    const log = openLogs(folder, {
      tensorboard: plan.options.tensorboard === true,
      at: found.kind === 'under way' ? found.logBytes : 0,
      from: from?.position.step,
      warn: note,
    });
    const points: Point[] = from ? [...(await readCurve(folder, plan, note)).points] : [];
    const shown = reporter.run(plan, points);
    tell(plan, found, note);
    if (from && 'changes' in found && Object.keys(found.changes).length > 0)
      log.write(changeRecord({ step: from.position.step, timestamp: unixTime() }, found.changes));
    const { keep, keepEnd, newest } = keeper(folder, checkpoints, {
      facts,
      logBytes: log.sync,
      note,
      from: from?.position.step,
    });
    let gradients = from?.progress.gradientEvaluations ?? 0;
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
          onCheckpoint: keep,
          note,
        },
        stop,
        from,
      );
      const summary = summarize(plan, outcome);
      const write = async (place: string): Promise<void> => {
        if (!existsSync(join(place, configFile))) await writeJson(join(place, configFile), facts);
        await saveWeights(place, outcome, facts, summary);
        await writeJson(join(place, 'summary.json'), summary, { replace: true });
        await keepEnd(place, outcome);
      };
      try {
        const place = await saveSomewhere(folder, write, { note, second, afterwards: () => goesOn(folder, newest()) });
        return { facts, summary, curve: { name: plan.name, points }, folder: place, isOld: false };
      } finally {
        dispose(outcome.params, outcome.state, outcome.end);
      }
    } finally {
      shown.stop();
      log.close();
    }
  } finally {
    dispose(from?.position, from?.best);
    await checkpoints.close();
  }
}
