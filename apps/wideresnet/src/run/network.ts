import type { Batch, Dataset } from '@steppe/datasets';
import * as models from '@steppe/models';
import type { Key } from '@steppe/random';
import { type EvaluateOptions, evaluate, type ModelLossOfOutputs } from '@steppe/train';
import type { Report } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { ExampleLoss } from '../chain/param.ts';
import { CommandError } from '../commands/exit-codes.ts';
import { areFiles } from '../options/file-datasets.ts';
import type { Network, NetworkEntry, Size } from '../options/networks/entry.ts';
import { entryOf, type OwnName, ownOf } from '../options/networks/own.ts';
import type { Options } from '../options/table.ts';
import { enlarged } from './enlarged.ts';
import { eachLoss, type LossOptions, meanLoss } from './losses.ts';
import type { TrainingBatch } from './mixing.ts';

export type { Network };

/** What a network is made of. */
export type Architecture = Pick<Options, 'network' | OwnName>;

/** What decides how large the images are that a network sees. */
type Sizes = Partial<Pick<Options, 'dataset' | 'images' | 'image-size'>>;

/** The side that images in memory are enlarged to; files are decoded in the size that is asked for. */
const sideOf = (options: Sizes): number | undefined => (areFiles(options) ? undefined : options['image-size']);

const entry = ({ network }: Architecture): NetworkEntry => entryOf(network);

/** Makes the network that the options name, for the classes of a dataset. */
export function makeNetwork(
  options: Architecture & Sizes & Pick<Options, 'freeze-statistics'>,
  { classes }: Pick<Dataset, 'classes'>,
): Network {
  const made = entry(options).make(models, ownOf(options), classes.length);
  const network = options['freeze-statistics'] === true ? models.frozenStatistics<Tree, Tree>(made) : made;
  const side = sideOf(options);
  return side === undefined ? network : enlarged(network, side);
}

/** The shape of the images as a network sees them. */
export function shapeSeen(options: Sizes, { shape }: Pick<Dataset, 'shape'>): Dataset['shape'] {
  const side = sideOf(options);
  return side === undefined ? shape : [side, side, shape[2]];
}

/**
 * Draws where a network starts.
 *
 * @throws When it does not fit the images, in one line.
 */
export function drawWeights(
  network: Network,
  options: Architecture & Sizes,
  { shape }: Pick<Dataset, 'shape'>,
  key: Key,
): { readonly params: Tree; readonly state: Tree } {
  try {
    return network.init(key, shape);
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw new CommandError(
      `${titleOf(options)} does not fit images of ${shapeSeen(options, { shape }).join(' × ')}: ${cause.message}`,
      undefined,
      {
        cause,
      },
    );
  }
}

/** What people call the network that the options name, such as `WRN-28-10`. */
export const titleOf = (options: Architecture): string => entry(options).title(ownOf(options));

/** How large the network that the options name would be on the images of a dataset, before it is made; undefined where
 * only the network itself can tell. */
export const sizeOf = (
  options: Architecture & Sizes,
  { classes, shape }: Pick<Dataset, 'classes' | 'shape'>,
): Size | undefined => entry(options).size?.(models, ownOf(options), shapeSeen(options, { shape }), classes.length);

/**
 * The loss to be minimized, in two parts: the logits by the batch's own statistics, and their cross entropy; its metrics
 * are those of the same pass.
 */
export const trainingLoss = (network: Network, options: LossOptions) =>
  ({
    outputs: (params, state, { images }, key) => network.apply(params, state, images, { training: true, key }),
    loss: (logits, { labels }) =>
      [meanLoss(logits, labels, options), { accuracy: models.accuracy(logits, labels) }] as const,
  }) satisfies ModelLossOfOutputs<Tree, Tree, TrainingBatch, Tensor2D>;

/** The loss of every example, whose mean is the loss to be minimized: `[batch]`. */
export const exampleLosses =
  (network: Network, options: LossOptions): ExampleLoss =>
  (params, { batch: { images, labels }, state, key }) => {
    const [logits] = network.apply(params, state, images, { training: true, key });
    return eachLoss(logits, labels, options);
  };

/** How good a network is on images that it has not seen. */
export type Held = {
  readonly loss: number;
  readonly errorRate: number;
  readonly examples: number;
  /** How often the label is not among the five likeliest classes; left out where there are no more than five. */
  readonly top5Error?: number;
  /** The expected calibration error, over 15 bins of confidence. */
  readonly calibrationError: number;
};

/** The gaps of calibration as scalars, whose means over the batches are those of the set. */
const gapsOf = (logits: Tensor2D, labels: Tensor1D): Report =>
  Object.fromEntries(tf.unstack(models.calibrationGaps(logits, labels)).map((gap, i) => [`gap${i}`, gap as Scalar]));

/** What is measured of some weights on a batch of held-out images. */
export type HeldMeasure = (weights: { readonly params: Tree; readonly state: Tree }, batch: Batch) => Report;

/** Measures loss, errors and calibration of a network, with the running statistics. */
export const heldMeasureOf =
  (network: Network): HeldMeasure =>
  ({ params, state }, { images, labels }) => {
    const [logits] = network.apply(params, state, images, { training: false });
    return {
      loss: models.softmaxCrossEntropy(logits, labels),
      errorRate: models.errorRate(logits, labels),
      ...(logits.shape[1] > 5 && { top5Error: tf.sub<Scalar>(1, models.topKAccuracy(logits, labels, 5)) }),
      ...gapsOf(logits, labels),
    };
  };

/**
 * Measures weights on held-out images.
 *
 * @param measure - Made by `heldMeasureOf`.
 * @param gather - Puts what several ranks have measured together.
 */
export async function evaluateNetwork(
  measure: HeldMeasure,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  batches: AsyncIterable<Batch>,
  gather?: EvaluateOptions<Batch>['gather'],
): Promise<Held> {
  const {
    loss = Number.NaN,
    errorRate = Number.NaN,
    top5Error,
    examples,
    ...gaps
  } = await evaluate((batch: Batch) => measure({ params, state }, batch), batches, gather && { gather });
  const calibrationError = Object.values(gaps).reduce((sum, gap) => sum + Math.abs(gap), 0);
  return { loss, errorRate, ...(top5Error !== undefined && { top5Error }), calibrationError, examples };
}
