import { adviseRho, type RhoAdvice, type RhoPoint, rhoCurve, samCertificate } from '@steppe/sharpness';
import { comparableRadius } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { sinceStart } from '../run/clock.ts';
import type { Device } from '../run/device.ts';
import { trainedLeaves } from '../run/frozen.ts';
import { paperRhos } from '../sweep/grids.ts';
import { lookAt, settingOf, versions } from './look-at.ts';
import { lossOf } from './loss.ts';
import { reasonIn } from './measure-run.ts';
import type { Watch } from './measure-runs.ts';
import type { Place, Versions } from './result.ts';
import type { RhoOptions } from './rho-options.ts';
import type { StepWeights, Subject } from './subject.ts';
import { onTrained } from './trained.ts';
import { weightsOfStep } from './weights-of-step.ts';

/** One radius of the table. */
export type RhoRow = RhoPoint & {
  /** cos(∇L(w), ∇L(w + ε̂)), the mean over batches; null where that is no number, as `failure` says. */
  readonly gradientCosine: number | null;
  readonly failure?: string;
};

/** What `steppe rho` found: the content of rho.json. */
export type RhoResult = Place & {
  readonly schema: 'steppe.rho/1';
  readonly p: number;
  /** The radius of the run; null where it had none, or one at another norm. */
  readonly own: number | null;
  readonly points: readonly RhoRow[];
  readonly advice: RhoAdvice;
  readonly device: Device['name'];
  readonly versions: Versions;
  readonly seconds: number;
};

/** What the progress bar tells apart: the curve, and the gradients. */
export const rhoParts = 2;

/** The paper's radii; at another norm those that are worth as much for n weights. */
export function radiiAt(p: number, n: number, own: number | null): readonly number[] {
  const radii = paperRhos.map((rho) => (p === 2 ? rho : Number(comparableRadius(rho, p, n).toPrecision(3))));
  return [...new Set(own === null ? radii : [...radii, own])].sort((a, b) => a - b);
}

/** The norm, and the radius that the run had at it. */
function ballOf({ chain, rho, p }: Subject['options'], asked: number | undefined) {
  if (chain !== undefined) return { p: asked ?? 2, own: null };
  const norm = asked ?? p;
  return { p: norm, own: rho > 0 && norm === p ? rho : null };
}

/** The cosine of both gradients of SAM at every radius. */
async function cosinesOf(
  { images, wanted }: Subject,
  loss: Parameters<typeof onTrained>[0],
  params: StepWeights['params'],
  { rhos, p }: { readonly rhos: readonly number[]; readonly p: number },
  { progress, signal }: Watch,
): Promise<readonly Pick<RhoRow, 'gradientCosine' | 'failure'>[]> {
  const trained = onTrained(loss, params, wanted);
  const cosines: Pick<RhoRow, 'gradientCosine' | 'failure'>[] = [];
  for (const [i, rho] of rhos.entries()) {
    const onProgress = ({ done }: { readonly done: number }): void =>
      progress.at((i + done / images.length) / rhos.length);
    try {
      const { entries } = await samCertificate(trained.loss, trained.params, images, { rho, p, signal, onProgress });
      cosines.push({ gradientCosine: entries.gradientCosine?.value ?? null });
    } catch (error) {
      cosines.push({ gradientCosine: null, failure: reasonIn(error, signal) });
    }
  }
  return cosines;
}

/**
 * Measures the rise of the loss within each radius of the paper's search, beside what SAM's linear model promises, and
 * advises on ρ.
 *
 * @throws When the loss is not finite or its gradient is zero.
 */
export async function adviseRun(subject: Subject, asked: RhoOptions, watch: Watch): Promise<RhoResult> {
  const { progress, signal, device } = watch;
  const { images, wanted, options, network } = subject;
  const seconds = sinceStart();
  const setting = settingOf(subject, asked);
  const weights = await weightsOfStep(subject, asked.step);
  try {
    const place = await lookAt(subject, weights, setting, asked.data, signal);
    const { params, state } = weights;
    const { loss } = lossOf(network, state, setting);
    const { p, own } = ballOf(options, asked.p);
    const n = trainedLeaves(options.freeze, params).reduce((sum, { size }) => sum + size, 0);
    const rhos = radiiAt(p, n, own);
    try {
      progress.begin(`${subject.name}: rise over ρ`);
      const curve = await rhoCurve(loss, params, images, {
        rhos,
        p,
        ...(wanted && { wanted }),
        signal,
        onProgress: ({ done }) => progress.at(done / images.length),
      });
      const advice = adviseRho(curve);
      progress.begin(`${subject.name}: gradients at w and w + ε̂`);
      const cosines = await cosinesOf(subject, loss, params, { rhos, p }, watch);
      return {
        schema: 'steppe.rho/1',
        ...place,
        p,
        own,
        points: curve.points.map((point, i) => ({ ...point, gradientCosine: null, ...cosines[i] })),
        advice,
        device: device.name,
        versions: await versions(),
        seconds: seconds(),
      };
    } catch (error) {
      throw new CommandError(`${subject.name} gives no advice on ρ: ${reasonIn(error, signal)}`, exitCode.data);
    }
  } finally {
    if (weights !== subject.end) dispose(weights);
  }
}
