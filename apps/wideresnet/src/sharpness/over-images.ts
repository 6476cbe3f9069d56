import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '@steppe/datasets';
import * as tf from '@tensorflow/tfjs-core';
import type { Subject } from './subject.ts';

/**
 * Takes the mean of a figure over the images of a run.
 *
 * Between two batches the process hears of Ctrl-C, which a backend that computes at once would put off to the end.
 *
 * @throws When the signal ends it, with its reason.
 */
export async function overImages(
  { images, examples }: Pick<Subject, 'images' | 'examples'>,
  figure: (batch: Batch) => tf.Scalar,
  signal: AbortSignal,
): Promise<number> {
  let total = 0;
  for (const batch of images) {
    await nextTurn();
    signal.throwIfAborted();
    const value = tf.tidy(() => figure(batch));
    const [mean] = await value.data();
    value.dispose();
    total += (mean as number) * batch.labels.size;
  }
  return total / examples;
}
