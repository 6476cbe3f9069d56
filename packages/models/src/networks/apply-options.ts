import { checkOneOf, checkOptions, oneOf } from '@steppe/check';
import type { Key } from '@steppe/random';
import { checkKey } from '../checks.ts';
import type { ApplyOptions } from './model.ts';

/** What the options of `apply` ask of a network. */
export type Asked = {
  readonly training: boolean;
  /** Whether normalizations take the statistics of the batch, and update the running ones. */
  readonly byBatch: boolean;
  /** There exactly where noise is drawn: in training, by a network that has any. */
  readonly key: Key | undefined;
};

/**
 * Reads the options of `apply`, as every network does first.
 *
 * @param noise - What the network draws at random in training, such as `dropout 0.3`; nothing where it draws none.
 * @throws When an option is unknown or wrong, or the key is missing where there is noise.
 */
export function readApplyOptions(options: ApplyOptions, noise?: string): Asked {
  checkOptions('apply', options, {
    training: oneOf(true, false),
    key: (_, key) => checkKey(key),
    statistics: oneOf('batch', 'running'),
  });
  checkOneOf('training', options.training, [true, false]);
  const { training, key, statistics = 'batch' } = options;
  if (training && noise !== undefined && key === undefined)
    throw new Error(`Training with ${noise} needs a random key, got none: pass { training: true, key }.`);
  return {
    training,
    byBatch: training && statistics === 'batch',
    key: training && noise !== undefined ? key : undefined,
  };
}
