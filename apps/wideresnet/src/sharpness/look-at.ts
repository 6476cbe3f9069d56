import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { version } from '../commands/version.ts';
import type { Weights } from '../run/best-weights.ts';
import type { LossOptions } from '../run/losses.ts';
import { meanLoss } from './candidates.ts';
import { type LossSetting, lossOf } from './loss.ts';
import type { SharpnessOptions } from './options.ts';
import { overImages } from './over-images.ts';
import type { Place, Versions } from './result.ts';
import type { StepWeights, Subject } from './subject.ts';

/** How the loss of a run is taken: as the command line says, and as the run itself did. */
export const settingOf = (
  { options }: Subject,
  { 'batch-norm': batchNorm, seed }: Pick<SharpnessOptions, 'batch-norm' | 'seed'>,
): LossSetting => ({
  batchNorm,
  of: options,
  seed,
});

/** The share of the images that come out wrong. */
async function errorRateOf(
  subject: Subject,
  { params, state }: Weights,
  setting: LossSetting,
  signal: AbortSignal,
): Promise<number> {
  const { accuracy } = lossOf(subject.network, state, setting);
  return 1 - (await overImages(subject, (batch) => accuracy(params, batch), signal));
}

/** What a run learned by, in words. */
export function lossIs({ 'label-smoothing': smoothing, bootstrap, 'bootstrap-keep': keep }: LossOptions): string {
  if (bootstrap !== undefined)
    return `cross entropy with ${bootstrap} bootstrapping${keep === undefined ? '' : ` that keeps ${keep} of the labels`}`;
  return smoothing === 0 ? 'cross entropy' : `cross entropy with label smoothing ${smoothing}`;
}

/** The programs that compute. */
export const versions = async (): Promise<Versions> => ({
  steppe: await version(),
  node: process.versions.node,
  tfjs,
});

/**
 * Looks at weights before anything is measured around them: how good they are, and all that must be said of where a
 * number comes from.
 *
 * @throws When their loss is not finite, or the signal ends it.
 */
export async function lookAt(
  subject: Subject,
  weights: StepWeights,
  setting: LossSetting,
  split: SharpnessOptions['data'],
  signal: AbortSignal,
): Promise<Place> {
  const loss = await meanLoss(subject, weights, setting, signal);
  if (!Number.isFinite(loss))
    throw new CommandError(`The loss of ${subject.name} is ${loss}: its weights are of no use.`, exitCode.data);
  return {
    name: subject.name,
    step: weights.step ?? null,
    loss,
    errorRate: await errorRateOf(subject, weights, setting, signal),
    lossIs: lossIs(setting.of),
    batchNorm: setting.batchNorm,
    images: {
      dataset: subject.data.dataset.name,
      split,
      examples: subject.examples,
      batch: subject.images[0]?.labels.size ?? 0,
      sameData: subject.sameData,
    },
  };
}
