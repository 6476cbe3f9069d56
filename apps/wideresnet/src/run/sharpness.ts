import { valueAndGrad } from '@steppe/autograd';
import { type Batch, batches, slice } from '@steppe/datasets';
import type { Key } from '@steppe/random';
import { evaluate } from '@steppe/train';
import { applyUpdates, epsilonHat } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Options } from '../options/table.ts';
import type { Data } from './data.ts';
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
 * Each `m` images, or each batch, have an ε̂ of their own, as in training. It costs a gradient and a loss for each.
 *
 * @param key - Draws the dropout masks, the same at every evaluation.
 * @returns NaN where the signal ended it.
 */
export async function measureSharpness(
  network: Network,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  { dataset }: Data,
  { batch, m = batch, 'label-smoothing': smoothing }: Pick<Options, 'batch' | 'm' | 'label-smoothing'>,
  { rho, p }: Radius,
  key: Key,
): Promise<number> {
  const loss = trainingLoss(network, smoothing);
  const part = slice(dataset.train, 0, Math.max(m, images));
  const { sharpness = Number.NaN } = await evaluate(
    (examples: Batch) => {
      const at = (weights: Tree): tf.Scalar => loss(weights, state, examples, key)[0];
      const { value, grads } = valueAndGrad(at)(params, null);
      return { sharpness: tf.sub<tf.Scalar>(at(applyUpdates(params, epsilonHat(grads, rho, p))), value) };
    },
    batches(part, { batchSize: m }),
  );
  return sharpness;
}
