import { batches } from '@steppe/datasets';
import { foldIn } from '@steppe/random';
import { trainingImages } from './augmented.ts';
import type { Data } from './data.ts';
import { withNamedFaults } from './image-faults.ts';
import type { Keys } from './keys.ts';
import { mixed, type TrainingBatch } from './mixing.ts';
import type { Plan } from './plan.ts';

/**
 * Goes over the training images, epoch by epoch in another order, up to the last step of a plan.
 *
 * @param made - The steps that are made already: their batches are left out, the others are what they are in a run
 * without a break.
 */
export async function* trainingBatches(
  { options, stepsPerEpoch, steps }: Plan,
  { dataset }: Data,
  { data: seed, mixing }: Pick<Keys, 'data' | 'mixing'>,
  made: number,
): AsyncGenerator<TrainingBatch, void, undefined> {
  const { split, changes } = trainingImages(options, dataset);
  for (let next = made; next < steps; ) {
    const epoch = Math.floor(next / stepsPerEpoch);
    const ofEpoch = batches(split, {
      batchSize: options.batch,
      seed,
      epoch,
      shuffle: true,
      dropRemainder: true,
      skip: next % stepsPerEpoch,
      ...changes,
    });
    for await (const batch of withNamedFaults(ofEpoch)) {
      yield mixed(foldIn(mixing, next), batch, options, dataset.classes.length);
      next += 1;
      if (next === steps) return;
    }
  }
}
