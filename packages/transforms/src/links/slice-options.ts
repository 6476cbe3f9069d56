import { checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { Select } from '../contract.ts';
import { type AuxRules, checkAuxRules } from './aux-rules.ts';
import { checkFunctions } from './check-link.ts';

/** How the slices of a batch count and what they give is combined. */
export type SliceOptions<Batch extends Tree> = {
  /** Chooses the tensors of the batch that are no list of examples, such as class weights: every slice gets them whole,
   * as scalars and the model's state in a `StepBatch`. Paths are those of the batch that the link sees, in a training
   * step `.batch.classWeights`. */
  readonly shared?: Select;
  /** The weight of a slice, what the mean of its loss divides by: a sum of weights, a number of tokens. It must be at
   * least 0, and is not checked: that would read from the device at every step. @defaultValue the number of its examples */
  readonly weight?: (slice: Batch) => Scalar;
  /** What of the aux is no mean over the examples. @defaultValue all of it is */
  readonly aux?: AuxRules;
};

/**
 * Refuses options of a link over slices that are none.
 *
 * @param name - The link, for messages.
 *
 * @example
 * ```ts
 * import { checkSliceOptions } from '@steppe/transforms/parts';
 *
 * checkSliceOptions('microBatch', { aux: { correct: 'sum' } });
 * ```
 */
export function checkSliceOptions(name: string, options: SliceOptions<never>): void {
  checkOptions(name, options, ['shared', 'weight', 'aux']);
  const { shared, weight, aux } = options;
  checkFunctions({ ...(shared !== undefined && { shared }), ...(weight !== undefined && { weight }) });
  if (aux !== undefined) checkAuxRules(`aux of ${name}`, aux);
}
