import { type Batch, batches, type Split, slice } from '@steppe/datasets';
import { softmaxCrossEntropy, type WideResNetParams, type WideResNetState, wideResNet } from '@steppe/models';
import { key } from '@steppe/random';
import { type ModelLoss, readReport, train, trainStep } from '@steppe/train';
import { chain, microBatch, momentum, samTransform } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';

const STEPS = 4;
const SIDE = 8;

/** The middle of shipped images, small enough for a software renderer. */
async function* cropped(split: Split): AsyncGenerator<Batch> {
  for await (const { images, labels } of batches(slice(split, 0, 8 * STEPS), { batchSize: 8 })) {
    const middle = tf.slice(images, [0, 3, 3, 0], [-1, SIDE, SIDE, -1]);
    images.dispose();
    yield { images: middle, labels };
  }
}

/** What a few SAM steps of WRN-10-1 gave, on the current backend. */
export type FewSteps = {
  readonly losses: readonly number[];
  readonly perturbed: readonly number[];
  /** Tensors left behind. */
  readonly leaked: number;
};

/** Trains a small WideResNet by m-sharpness on shipped images: the same code in a page and in Node. */
export async function fewSteps(split: Split): Promise<FewSteps> {
  const before = tf.memory().numTensors;
  const network = wideResNet({ depth: 10, width: 1, classes: 10, activation: 'silu' });
  const loss: ModelLoss<WideResNetParams, WideResNetState, Batch> = (params, state, { images, labels }) => {
    const [logits, next] = network.apply(params, state, images, { training: true });
    return [softmaxCrossEntropy(logits, labels), { state: next, metrics: {} }];
  };
  const optimizer = chain(samTransform(0.05), microBatch(4), momentum(0.05, 0.9, { nesterov: true }));
  const step = trainStep(loss, optimizer);
  const initial = network.init(key(0), [SIDE, SIDE, 1]);
  const start = step.start(initial.params, initial.state, key(1));
  const losses: number[] = [];
  const perturbed: number[] = [];
  const end = await train(step, start, cropped(split), async ({ report }) => {
    const read = await readReport(report);
    losses.push(read.loss);
    perturbed.push(read.report.perturbedLoss as number);
  });
  dispose(initial, start, end);
  return { losses, perturbed, leaked: tf.memory().numTensors - before };
}
