import type { Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Pass } from '../examples.ts';
import { scalarOf } from '../loss.ts';
import { meanNumbers } from '../means.ts';

/** What is measured of weights on a batch, a mean over its examples, such as the loss, the accuracy or the error rate. */
export type Figure<P extends Tree, Batch extends Tree> = (params: P, batch: Batch) => Tensor;

/** The mean of a figure over all examples. */
export async function figureOver<P extends Tree, Batch extends Tree>(
  figure: Figure<P, Batch>,
  pass: Pass<Batch>,
  params: P,
): Promise<number> {
  const { value } = await meanNumbers(pass, (batch) => ({ value: scalarOf('The figure', figure(params, batch)) }));
  if (!Number.isFinite(value))
    throw new Error(`The figure is not finite, its mean over the examples is ${value}: look at the changed weights.`);
  return value;
}
