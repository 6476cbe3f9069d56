import { dispose } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Measuring } from '../report/measuring.ts';
import { sinceStart } from '../run/clock.ts';
import type { Device } from '../run/device.ts';
import { type Between, barriers, type Compared, trajectories } from './between.ts';
import { candidatesOf, weightsAt } from './candidates.ts';
import { type Choice, chooseEqual } from './equal-loss.ts';
import { lookAt, settingOf, versions } from './look-at.ts';
import { type Around, measureRun } from './measure-run.ts';
import type { SharpnessOptions } from './options.ts';
import type { RunMeasured } from './result.ts';
import type { StepWeights, Subject } from './subject.ts';
import { isOwn, type MeasureName } from './table.ts';
import { weightsOfStep } from './weights-of-step.ts';

/** What was measured of some runs, and between them. */
export type AllMeasured = {
  readonly runs: readonly RunMeasured[];
  readonly barrier?: Between | undefined;
  readonly trajectory?: Between | undefined;
};

/** Who is told, and what may end it. */
export type Watch = { readonly progress: Measuring; readonly signal: AbortSignal; readonly device: Device };

/** Where sharpness is looked for: as the command says, or as the first run did that had a radius. */
function aroundOf(
  { rho, p, axes }: Pick<SharpnessOptions, 'rho' | 'p' | 'axes'>,
  subjects: readonly Subject[],
): Around {
  const own = subjects.find(({ options }) => options.chain === undefined && options.rho > 0)?.options;
  if (rho !== undefined) return { rho, p: p ?? 2, axes };
  return { rho: own?.rho ?? 0.05, p: p ?? own?.p ?? 2, axes };
}

/** Gives the weights that are measured: of one run those of a step, of several those that stand beside each other. What is
 * of checkpoints is the caller's. */
async function weightsToMeasure(
  subjects: readonly Subject[],
  asked: SharpnessOptions,
  { progress, signal }: Watch,
): Promise<{
  readonly choice: Choice | undefined;
  readonly weights: readonly StepWeights[];
}> {
  const [first, ...others] = subjects;
  if (first === undefined || others.length === 0)
    return { choice: undefined, weights: first === undefined ? [] : [await weightsOfStep(first, asked.step)] };
  progress.begin('looking for weights of equal loss');
  const all: Awaited<ReturnType<typeof candidatesOf>>[] = [];
  for (const subject of subjects) {
    all.push(await candidatesOf(subject, settingOf(subject, asked), progress.note, signal));
    progress.at(all.length / subjects.length);
  }
  const choice = chooseEqual(all);
  const weights: StepWeights[] = [];
  for (const [i, subject] of subjects.entries()) {
    const index = choice.chosen[i] ?? 0;
    const step = all[i]?.[index]?.step;
    weights.push(index === 0 || step === undefined ? subject.end : { ...(await weightsAt(subject, step)), step });
  }
  return { choice, weights };
}

/** How many measures there are to show the progress of. */
export const partsOf = (names: readonly MeasureName[], runs: number): number =>
  (runs > 1 ? 1 : 0) +
  runs * names.filter(isOwn).length +
  (runs > 1 && names.includes('barrier') ? 1 : 0) +
  (names.includes('trajectory') ? 1 : 0);

/**
 * Measures some runs, at equal loss where the weights that they have left allow it, and what lies between them.
 *
 * @throws When a loss is not finite, or the signal ends it.
 */
export async function measureRuns(
  subjects: readonly Subject[],
  asked: SharpnessOptions,
  watch: Watch,
): Promise<AllMeasured> {
  const { progress, signal, device } = watch;
  const around = aroundOf(asked, subjects);
  const { choice, weights } = await weightsToMeasure(subjects, asked, watch);
  const isCopy = (i: number): boolean => weights[i] !== subjects[i]?.end;
  const used = await versions();
  try {
    const runs: RunMeasured[] = [];
    for (const [i, subject] of subjects.entries()) {
      const seconds = sinceStart();
      const setting = settingOf(subject, asked);
      const own = weights[i] ?? subject.end;
      const place = await lookAt(subject, own, setting, asked.data, signal);
      const { measures, drawn } = await measureRun(
        subject,
        own,
        asked.measures.filter(isOwn),
        setting,
        around,
        progress,
        signal,
      );
      const result = {
        ...place,
        ...around,
        seed: asked.seed,
        measures,
        ...(choice && {
          comparison: {
            isEqual: choice.isEqual,
            ratio: choice.ratio,
            with: subjects.filter((other) => other !== subject).map(({ name }) => name),
          },
        }),
        device: device.name,
        versions: used,
        seconds: seconds(),
      } as const;
      runs.push({ result, drawn });
    }
    const compared = subjects.map((subject, i): Compared => ({ subject, weights: weights[i] ?? subject.end }));
    const [first, ...others] = compared;
    const walk = { setting: settingOf(subjects[0] as Subject, asked), progress, signal };
    const barrier =
      first !== undefined && others.length > 0 && asked.measures.includes('barrier')
        ? await barriers([first, ...others], walk)
        : undefined;
    const trajectory =
      first !== undefined && asked.measures.includes('trajectory')
        ? await trajectories([first, ...others], walk)
        : undefined;
    return {
      runs,
      barrier,
      trajectory,
    };
  } finally {
    for (const [i, own] of weights.entries()) if (isCopy(i)) dispose(own);
  }
}

/** Refuses to leave files in which there is nothing: where no measure could be taken of any run. */
export function checkMeasured(all: AllMeasured): AllMeasured {
  const results = [
    ...all.runs.flatMap(({ result: { measures } }) => Object.entries(measures)),
    ...Object.entries({ barrier: all.barrier?.result, trajectory: all.trajectory?.result }),
  ].flatMap(([name, result]) => (result === undefined ? [] : [[name, result] as const]));
  const [first] = results;
  if (first === undefined || results.some(([, { failure }]) => failure === undefined)) return all;
  const [name, { failure }] = first;
  throw new CommandError(`Nothing could be measured. ${name}: ${failure}`, exitCode.data);
}
