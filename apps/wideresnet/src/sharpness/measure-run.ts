import { topEigenvalues } from '@steppe/sharpness';
import type { Measuring } from '../report/measuring.ts';
import type { Weights } from '../run/best-weights.ts';
import { type LossSetting, lossOf } from './loss.ts';
import type { AxesKind } from './options.ts';
import type { MeasureResult } from './result.ts';
import type { Subject } from './subject.ts';
import { type MeasureEntry, type MeasureName, measureTable, type OwnMeasure } from './table.ts';
import { drawn as drawnFor, hessianOf } from './take-spectra.ts';
import { takes } from './takes.ts';
import type { Measured, Taking } from './taking.ts';

/** Where around the weights it is measured, and along what. */
export type Around = { readonly rho: number; readonly p: number; readonly axes: AxesKind };

/** What the measures of one run gave. */
export type Taken = {
  readonly measures: { readonly [name in MeasureName]?: MeasureResult };
  readonly drawn: { readonly [name in MeasureName]?: Measured };
};

/** An error of a measure in one line; what is no plain error is a defect, and ends the command. */
export function reasonIn(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  return error.message;
}

/** Tells how far a measure is: by its points where it counts them, else by the passes that it takes. */
const follow = ({ passes }: MeasureEntry, batches: number, at: Measuring['at']) => {
  let seen = 0;
  return (): void => {
    seen += 1;
    at(seen / (passes * batches));
  };
};

/**
 * Takes measures of some weights of a run, one after another. One that cannot be taken of this network says so in its
 * place; the others go on.
 *
 * @throws When the signal ends it.
 */
export async function measureRun(
  subject: Subject,
  { params, state }: Weights,
  names: readonly OwnMeasure[],
  setting: LossSetting,
  { rho, p, axes }: Around,
  progress: Measuring,
  signal: AbortSignal,
): Promise<Taken> {
  const { images, examples, wanted, name: run } = subject;
  const loss = lossOf(subject.network, state, setting);
  const around = { loss, params, images, examples, wanted, rho, p, axes, seed: setting.seed };
  let top: ReturnType<Taking['top']> | undefined;
  const measures: { [name in MeasureName]?: MeasureResult } = {};
  const drawn: { [name in MeasureName]?: Measured } = {};
  for (const name of names) {
    signal.throwIfAborted();
    const entry = measureTable[name];
    progress.begin(`${run}: ${entry.title}`);
    const take = takes[name];
    const walk = { signal, onProgress: follow(entry, images.length, progress.at) };
    const taking: Taking = {
      ...around,
      walk,
      at: progress.at,
      top: () => {
        top ??= topEigenvalues(hessianOf({ ...around, walk }), { count: 5, ...drawnFor(around) });
        return top;
      },
    };
    try {
      const measured = await take(taking);
      drawn[name] = measured;
      measures[name] = { of: entry.of, readings: measured.readings, found: measured.found };
    } catch (error) {
      measures[name] = { of: entry.of, failure: reasonIn(error, signal) };
    }
  }
  return { measures, drawn };
}
