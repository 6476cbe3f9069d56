import { type Key, key, split } from '@steppe/random';

/** The random keys of a run. */
export type Keys = { readonly weights: Key; readonly data: Key; readonly steps: Key };

/** Derives everything random in a run from its seed: initial weights, order and augmentation, dropout. */
export function keysOf(seed: number): Keys {
  const [weights, data, steps] = split(key(seed), 3);
  return { weights, data, steps };
}
