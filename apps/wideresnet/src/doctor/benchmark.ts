import { valueAndGrad } from '@steppe/autograd';
import type { Batch } from '@steppe/datasets';
import * as models from '@steppe/models';
import { key, normal } from '@steppe/random';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { makeBenchmarked } from './benchmarked.ts';

/** How fast a device computes the loss of a small network and its gradient, on images of 28 × 28 × 1. */
export type Benchmark = {
  readonly imagesPerSecond: number;
  readonly batch: number;
  /** How many gradients were timed. */
  readonly gradients: number;
  readonly secondsPerGradient: number;
};

/** About how long the timing takes, in seconds. */
const wanted = 2;

/** Batches on the way to the one that is timed: each is tried while it cannot take more than twice the time. */
const larger = [4, 32];

/**
 * Times gradients of a small network on the current device, for about two seconds after warming up.
 *
 * The batch is 32, or 4 or 1 on a device that would take too long for more.
 */
export async function benchmark(): Promise<Benchmark> {
  const network = makeBenchmarked(models);
  const { params, state } = network.init(key(0), [28, 28, 1]);
  const gradient = valueAndGrad((weights: Tree, { images, labels }: Batch) => {
    const [logits] = network.apply(weights, state, images, { training: true });
    return models.softmaxCrossEntropy(logits, labels);
  });
  /** Seconds until the value and the gradient that is computed last, that of the first leaf, are there. */
  const time = async (batch: number, side = 28): Promise<number> => {
    const images = normal(key(1), [batch, side, side, 1]) as tf.Tensor4D;
    const labels = tf.zeros<tf.Rank.R1>([batch], 'int32');
    const begin = performance.now();
    const { value, grads } = gradient(params, { images, labels });
    const [loss, slope = []] = await Promise.all([
      value.data(),
      ...leaves(grads)
        .slice(0, 1)
        .map(({ leaf }) => leaf.data()),
    ]);
    const seconds = (performance.now() - begin) / 1000;
    dispose(images, labels, value, grads);
    if (![...loss, ...slope].every(Number.isFinite)) throw new Error('the gradient is not finite');
    return seconds;
  };
  try {
    // Compiles shaders and JavaScript, a tenth of the work.
    await time(1, 8);
    let batch = 1;
    let seconds = await time(batch);
    for (const next of larger) {
      if ((seconds * next) / batch > 2 * wanted) break;
      batch = next;
      seconds = await time(batch);
    }
    // What already took the time is the result; else it was the last preparation.
    const times = seconds > wanted ? [seconds] : [await time(batch)];
    const spent = (): number => times.reduce((sum, each) => sum + each, 0);
    while (spent() < wanted) times.push(await time(batch));
    const secondsPerGradient = spent() / times.length;
    return { imagesPerSecond: batch / secondsPerGradient, batch, gradients: times.length, secondsPerGradient };
  } finally {
    dispose(params, state);
  }
}
