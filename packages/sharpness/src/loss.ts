import { shown } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { Tensor } from '@tensorflow/tfjs-core';

/** A loss that is a mean over the examples of a batch; what it returns beside its value is not used. */
export type Loss<P extends Tree, Batch extends Tree> = (params: P, batch: Batch) => Tensor | readonly [Tensor, Tree];

/** Takes a tensor for a number, and refuses what is none. */
export function scalarOf(what: string, given: unknown): Tensor {
  if (given instanceof Tensor && given.rank === 0) return given;
  const got = given instanceof Tensor ? `one of shape [${given.shape}]: take tf.mean of it` : shown(given);
  throw new Error(`${what} must give a scalar tensor, a mean over the examples of the batch, got ${got}.`);
}

/** The value of a loss. */
export const lossValue = (given: unknown): Tensor => scalarOf('The loss', Array.isArray(given) ? given[0] : given);
