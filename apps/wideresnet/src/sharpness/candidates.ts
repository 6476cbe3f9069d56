import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoints } from '@steppe/train/node';
import { dispose, type Tree } from '@steppe/tree';
import { weightsToEvaluate } from '../run/average.ts';
import type { Weights } from '../run/best-weights.ts';
import { makePlan } from '../run/plan.ts';
import { shownPath } from '../run/run-folder.ts';
import { weightsOf } from '../run/weights.ts';
import type { Candidate } from './equal-loss.ts';
import { type LossSetting, lossOf } from './loss.ts';
import { overImages } from './over-images.ts';
import type { Subject } from './subject.ts';

/** The mean loss of some weights over images. */
export function meanLoss(
  subject: Pick<Subject, 'network' | 'images' | 'examples'>,
  { params, state }: Weights,
  setting: LossSetting,
  signal: AbortSignal,
): Promise<number> {
  const { loss } = lossOf(subject.network, state, setting);
  return overImages(subject, (batch) => loss(params, batch), signal);
}

/** Reads the weights that a run had at a step, as it would have evaluated them; the caller's. */
export async function weightsAt({ folder, network, data, options }: Subject, step: number): Promise<Weights> {
  const { file, position } = await openCheckpoints(folder).at(step);
  try {
    const { params, state, optimizer } = position;
    const saved = { file: shownPath(file), tree: { params, state }, options, sha256: data.sha256 };
    const fitting = weightsOf(network, data.dataset.shape, saved);
    const plan = makePlan(options, data);
    const states = Array.isArray(optimizer) ? (optimizer as readonly Tree[]) : [];
    return await weightsToEvaluate(
      { ...fitting, optimizer: states },
      plan,
      data,
      network,
      Math.ceil(step / plan.stepsPerEpoch),
    );
  } finally {
    dispose(position);
  }
}

/** The steps of the checkpoints that a run has left beside its weights, the latest first. */
export async function otherSteps({ folder, end }: Pick<Subject, 'folder' | 'end'>): Promise<readonly number[]> {
  // Opened, it would be made.
  if (!existsSync(join(folder, 'checkpoints'))) return [];
  return (await openCheckpoints(folder).steps()).filter((step) => step !== end.step && step > 0);
}

/** Reads the weights of a checkpoint; undefined, which is told, where they cannot be read. */
export async function weightsIfWhole(
  subject: Subject,
  step: number,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<Weights | undefined> {
  signal.throwIfAborted();
  try {
    return await weightsAt(subject, step);
  } catch (error) {
    note(
      `note: the checkpoint of step ${step} in ${shownPath(subject.folder)} is passed over: ${(error as Error).message}`,
    );
    return undefined;
  }
}

/**
 * Measures the loss of all weights that a run has left, those that it ended with first.
 *
 * @param note - Hears of checkpoints that cannot be read.
 */
export async function candidatesOf(
  subject: Subject,
  setting: LossSetting,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly [Candidate, ...Candidate[]]> {
  const others: Candidate[] = [];
  for (const step of await otherSteps(subject)) {
    const weights = await weightsIfWhole(subject, step, note, signal);
    if (weights === undefined) continue;
    try {
      others.push({ step, loss: await meanLoss(subject, weights, setting, signal) });
    } finally {
      dispose(weights);
    }
  }
  const end = { step: subject.end.step ?? Number.NaN, loss: await meanLoss(subject, subject.end, setting, signal) };
  return [end, ...others];
}
