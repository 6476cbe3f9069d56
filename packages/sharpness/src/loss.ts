import type { Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A loss that is a mean over the examples of a batch; what it returns beside its value is not used. */
export type Loss<P extends Tree, Batch extends Tree> = (params: P, batch: Batch) => Tensor | readonly [Tensor, Tree];

/** The value of a loss. */
export const lossValue = (given: Tensor | readonly [Tensor, Tree]): Tensor =>
  (Array.isArray(given) ? given[0] : given) as Tensor;
