import { type Key, key, split } from '@steppe/random';

/** The random keys of a run. */
export type Keys = { readonly weights: Key; readonly data: Key; readonly steps: Key; readonly labels: Key };

/** Derives everything random in a run from its seed: initial weights, order and augmentation, dropout, wrong labels. */
export function keysOf(seed: number): Keys {
  const [weights, data, steps, labels] = split(key(seed), 4) as readonly [Key, Key, Key, Key];
  return { weights, data, steps, labels };
}
