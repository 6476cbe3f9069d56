import { batches } from '@steppe/datasets';
import { rowsOf, type World } from '@steppe/distributed';
import { foldIn } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { alone } from '../workers/alone.ts';
import { trainingImages } from './augmented.ts';
import type { Data } from './data.ts';
import { withNamedFaults } from './image-faults.ts';
import type { Keys } from './keys.ts';
import { mixed, type TrainingBatch } from './mixing.ts';
import type { Plan } from './plan.ts';

/** Some rows of a batch, which is freed. */
function rowsIn(batch: TrainingBatch, { begin, end }: { readonly begin: number; readonly end: number }): TrainingBatch {
  const rows = <T extends tf.Tensor>(all: T): T =>
    tf.slice(all, [begin, ...all.shape.slice(1).map(() => 0)], [end - begin, ...all.shape.slice(1)]);
  try {
    return { images: rows(batch.images), labels: rows(batch.labels) };
  } finally {
    dispose(batch);
  }
}

/**
 * Goes over the training images, epoch by epoch in another order, up to the last step of a plan.
 *
 * Each of several ranks has its rows of every batch, which one process has whole. Images that are mixed with others of
 * their batch need these: each rank reads them all then.
 *
 * @param made - The steps that are made already: their batches are left out, the others are what they are in a run
 * without a break.
 */
export async function* trainingBatches(
  { options, stepsPerEpoch, steps }: Plan,
  { dataset }: Data,
  { data: seed, mixing }: Pick<Keys, 'data' | 'mixing'>,
  made: number,
  workers: World = alone,
): AsyncGenerator<TrainingBatch, void, undefined> {
  const { split, changes } = trainingImages(options, dataset);
  const rows = rowsOf(workers, options.batch);
  const isMixed = options.mixup !== undefined || options.cutmix !== undefined;
  const isPart = workers.size > 1;
  for (let next = made; next < steps; ) {
    const epoch = Math.floor(next / stepsPerEpoch);
    const ofEpoch = batches(split, {
      batchSize: options.batch,
      seed,
      epoch,
      shuffle: true,
      dropRemainder: true,
      skip: next % stepsPerEpoch,
      ...(isPart && !isMixed && { rows }),
      ...changes,
    });
    for await (const batch of withNamedFaults(ofEpoch)) {
      const whole = mixed(foldIn(mixing, next), batch, options, dataset.classes.length);
      yield isPart && isMixed ? rowsIn(whole, rows) : whole;
      next += 1;
      if (next === steps) return;
    }
  }
}
