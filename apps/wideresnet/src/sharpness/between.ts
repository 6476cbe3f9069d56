import { linspace, lossBarrier, lossSurface, principalAxes } from '@steppe/sharpness';
import { dispose, type Tree } from '@steppe/tree';
import type { Measuring } from '../report/measuring.ts';
import type { Weights } from '../run/best-weights.ts';
import { otherSteps, weightsIfWhole } from './candidates.ts';
import { type LossSetting, lossOf } from './loss.ts';
import { reasonIn } from './measure-run.ts';
import { isOneNetwork } from './one-kind.ts';
import type { RunCurve, RunSurface } from './pictures.ts';
import type { MeasureResult } from './result.ts';
import type { Subject } from './subject.ts';
import { type Measured, reading, rising } from './taking.ts';

/** A run and the weights of it that are looked at. */
export type Compared = { readonly subject: Subject; readonly weights: Weights };

/** What lies between the weights of runs. */
export type Between = {
  readonly result: MeasureResult;
  readonly curves?: readonly RunCurve[];
  readonly surface?: RunSurface;
};

/** Statistics that were estimated at other weights would say nothing on the way, so that each batch gives its own. */
const onTheWay = (setting: LossSetting): LossSetting => ({ ...setting, batchNorm: 'training' });

type Walk = { readonly setting: LossSetting; readonly progress: Measuring; readonly signal: AbortSignal };

const points = ({ progress, signal }: Walk, done: number, of: number) => ({
  signal,
  onProgress: (now: { readonly done: number; readonly total: number }) =>
    progress.at((done + now.done / now.total) / of),
});

/** Refuses to look for a way between weights of different networks. */
function checkOneNetwork(first: Subject, others: readonly Subject[]): void {
  const odd = others.find((other) => !isOneNetwork(first, other));
  if (odd !== undefined)
    throw new Error(`between weights of different networks, ${first.name} and ${odd.name}, there is no straight way.`);
}

/** Measures the barriers between the first of some runs and each other one, on the images of the first. */
export async function barriers([first, ...others]: readonly [Compared, ...Compared[]], walk: Walk): Promise<Between> {
  const of = 'lossBarrier';
  walk.progress.begin('barriers between the runs');
  const { subject, weights } = first;
  const { loss } = lossOf(subject.network, weights.state, onTheWay(walk.setting));
  const curves: RunCurve[] = [];
  const found: { [name: string]: object } = {};
  const readings: Measured['readings'][number][] = [];
  try {
    checkOneNetwork(
      subject,
      others.map((other) => other.subject),
    );
    for (const [i, other] of others.entries()) {
      const { name } = other.subject;
      const line = await lossBarrier(
        loss,
        weights.params,
        other.weights.params,
        subject.images,
        points(walk, i, others.length),
      );
      found[name] = line;
      const { barrier: value, resolution } = line;
      readings.push(rising(others.length === 1 ? 'barrier' : `barrier to ${name}`, { value, resolution }));
      curves.push({
        name: `to ${name}`,
        hue: i + 1,
        points: line.at.map((x, k) => [x, line.values[k] as number] as const),
      });
    }
  } catch (error) {
    return { result: { of, failure: reasonIn(error, walk.signal) } };
  }
  return { result: { of, readings, found, batchNorm: 'training' }, curves };
}

/** The weights of all checkpoints that a run has left, the earliest first, and those that it ended with. */
async function wayOf(
  { subject }: Compared,
  { progress, signal }: Walk,
): Promise<readonly { readonly weights: Weights; readonly isOurs: boolean }[]> {
  const way: { readonly weights: Weights; readonly isOurs: boolean }[] = [];
  for (const step of [...(await otherSteps(subject))].reverse()) {
    const weights = await weightsIfWhole(subject, step, progress.note, signal);
    if (weights !== undefined) way.push({ weights, isOurs: true });
  }
  return [...way, { weights: subject.end, isOurs: false }];
}

/** An interval around some numbers, with a fifth of it to spare on either side. */
function around(values: readonly number[]): readonly number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spare = 0.2 * (high - low || 1);
  return linspace(low - spare, high + spare, 21);
}

/** Draws the ways of runs through their checkpoints in the plane that shows most of them, with the loss over it. */
export async function trajectories(runs: readonly [Compared, ...Compared[]], walk: Walk): Promise<Between> {
  const of = 'principalAxes';
  walk.progress.begin('ways of the runs');
  const [{ subject }] = runs;
  const ways: Awaited<ReturnType<typeof wayOf>>[] = [];
  let directions: readonly Tree[] = [];
  try {
    checkOneNetwork(
      subject,
      runs.map((run) => run.subject),
    );
    for (const run of runs) ways.push(await wayOf(run, walk));
    const all = ways.flat().map(({ weights }) => weights.params);
    if (all.length < 3)
      throw new Error(
        `a plane takes three weights or more, and the runs have left ${all.length}: steppe train --keep-checkpoints 20 leaves more.`,
      );
    const axes = await principalAxes(all, { origin: subject.end.params });
    ({ directions } = axes);
    const { coordinates, explained } = axes;
    const xs = around(coordinates.map(([x = 0]) => x));
    const ys = around(coordinates.map(([, y = 0]) => y));
    const { loss } = lossOf(subject.network, subject.end.state, onTheWay(walk.setting));
    const plane = [directions[0] as Tree, directions[1] as Tree] as const;
    const surface = await lossSurface(loss, subject.end.params, plane, subject.images, {
      xs,
      ys,
      ...points(walk, 0, 1),
    });
    let next = 0;
    const paths = ways.map((way, hue) => ({
      name: runs[hue]?.subject.name ?? '',
      hue,
      points: way.map(() => {
        const [x = 0, y = 0] = coordinates[next++] ?? [];
        return [x, y] as const;
      }),
    }));
    const readings = [
      reading(
        'variance in the plane',
        explained.reduce((sum, share) => sum + share, 0),
      ),
    ];
    return {
      result: { of, readings, found: { explained, paths, ...surface }, batchNorm: 'training' },
      surface: { name: 'the plane of the checkpoints', xs, ys, losses: surface.values, paths },
    };
  } catch (error) {
    return { result: { of, failure: reasonIn(error, walk.signal) } };
  } finally {
    dispose(
      directions,
      ways.flat().flatMap(({ weights, isOurs }) => (isOurs ? [weights] : [])),
    );
  }
}
