import { foldIn, type Key, key, split } from '@steppe/random';

/** The random keys of a run. */
export type Keys = {
  readonly weights: Key;
  readonly data: Key;
  readonly steps: Key;
  readonly labels: Key;
  readonly validation: Key;
  readonly mixing: Key;
};

/** Derives everything random in a run from its seed: initial weights, order and augmentation, dropout, wrong labels,
 * what is held out, which images are mixed. */
export function keysOf(seed: number): Keys {
  const [weights, data, steps, labels, validation] = split(key(seed), 5) as readonly [Key, Key, Key, Key, Key];
  // Beside the others, whose values runs of before keep.
  return { weights, data, steps, labels, validation, mixing: foldIn(key(seed), 5) };
}
