import { valueAndGrad } from '@steppe/autograd';
import { type Batch, batches, slice } from '@steppe/datasets';
import type { Key } from '@steppe/random';
import { evaluate } from '@steppe/train';
import { chain, freeze, type GradientTransformation, microBatch, samTransform } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Options } from '../options/table.ts';
import type { Data } from './data.ts';
import { frozenParts } from './frozen.ts';
import { imagesAtOnce } from './images-at-once.ts';
import type { LossOptions } from './losses.ts';
import { type Network, trainingLoss } from './network.ts';

/** Where sharpness is measured: the radius and the norm of the neighborhood. */
export type Radius = Pick<Options, 'rho' | 'p'>;

/** At least so many training images are looked at, where there are as many: the first ones, as they are, so that all
 * runs see the same. */
const images = 128;

/**
 * Measures how sharp the loss is around some weights: the mean of L(w + ε̂(w)) - L(w) over the same training images for
 * every run.
 *
 * Each `m` images, or each batch, have an ε̂ of their own, as in training, and ε̂ is of the weights that are trained:
 * what is frozen stays. It costs two gradients for each.
 *
 * @param key - Draws the dropout masks, the same at every evaluation.
 * @returns NaN where the signal ended it.
 */
export async function measureSharpness(
  network: Network,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  { dataset }: Data,
  options: Pick<Options, 'accumulate' | 'batch' | 'freeze' | 'm'> & LossOptions,
  { rho, p }: Radius,
  key: Key,
): Promise<number> {
  const { accumulate = 1, batch, m = batch } = options;
  const { outputs, loss } = trainingLoss(network, options);
  const gradient = valueAndGrad(
    (weights: Tree, examples: Batch) => loss(outputs(weights, state, examples, key)[0], examples)[0],
  );
  // In the parts that a step takes the images in, too: they may not fit into memory at once.
  const inParts = accumulate === 1 ? [] : [microBatch(imagesAtOnce(options))];
  const links: readonly GradientTransformation<Tree>[] = [...inParts, samTransform(rho, p)];
  const { freeze: frozen } = options;
  const sam = chain(...(frozen === undefined ? links : [freeze(frozenParts(frozen), chain(...links))]));
  const part = slice(dataset.train, 0, Math.max(m, images));
  const { sharpness = Number.NaN } = await evaluate(
    (examples: Batch) => {
      const [{ value, report }] = sam.update(gradient, sam.init(params), params, examples);
      return { sharpness: tf.sub<tf.Scalar>(report?.perturbedLoss ?? Number.NaN, value) };
    },
    batches(part, { batchSize: m }),
  );
  return sharpness;
}
