import { belowOne, checkNumber } from '@steppe/check';
import { type Key, permutation } from '@steppe/random';
import { type AnySplit, checkSplit, isIndexed, type Split } from './dataset.ts';
import { type Labels, pickLabels } from './labels.ts';

/** How many of each class are held out: its share, rounded so that all of them are `round(share · count)`. */
function quotasOf(labels: Labels, share: number): number[] {
  let classes = 0;
  for (const label of labels) classes = Math.max(classes, label + 1);
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const wanted = counts.map((count) => share * count);
  const quotas = wanted.map(Math.floor);
  const missing = Math.round(share * labels.length) - quotas.reduce((sum, quota) => sum + quota, 0);
  const byRemainder = [...wanted.keys()].sort((a, b) => ((wanted[b] as number) % 1) - ((wanted[a] as number) % 1));
  for (const label of byRemainder.slice(0, missing)) quotas[label] = (quotas[label] as number) + 1;
  return quotas;
}

/** The examples of a split at some places; bytes are copied, images that are yet to be read are only chosen. */
function pick<S extends AnySplit>(split: S, places: readonly number[]): S {
  const labels = pickLabels(split.labels, places);
  if (isIndexed(split))
    return { ...split, labels, places: Uint32Array.from(places, (place) => split.places[place] as number) };
  const [height, width, channels] = split.shape;
  const size = height * width * channels;
  const { images: all } = split as Split;
  const images = new Uint8Array(places.length * size);
  for (const [to, from] of places.entries()) images.set(all.subarray(from * size, (from + 1) * size), to * size);
  return { ...split, images, labels };
}

/**
 * Holds a share of the training images out, to choose a radius, a rate or the best epoch by them and leave the test
 * images for the end.
 *
 * Exactly `round(share · count)` examples are held out, halves rounded up, and of each class its share of them, give or
 * take one (stratified). Which ones is random; both parts keep the order of the split. The same key, split and share
 * give the same parts on every machine. The given split stays as it is; the parts are copies, of images that are read
 * later only their numbers.
 *
 * @param share - At least 0, where nothing is held out, and below 1.
 * @returns What is left to train on, and what is held out.
 * @throws When `share` is not in [0, 1), or the split is none.
 * @see Foret et al., Sharpness-aware minimization (ICLR 2021), section 3.1: ρ is chosen on 10 % of the training images.
 *
 * @example
 * ```ts
 * import { holdOut, normalizations, type Split } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const split: Split = {
 *   images: new Uint8Array(20),
 *   labels: Uint8Array.from({ length: 20 }, (_, i) => i % 2),
 *   shape: [1, 1, 1],
 *   normalization: normalizations.fashionMnist,
 * };
 * const [train, validation] = holdOut(key(0), split, 0.2);
 * console.log(train.labels.length, [...validation.labels].sort()); // => 16 [ 0, 0, 1, 1 ]
 * ```
 */
export function holdOut<S extends AnySplit>(key: Key, split: S, share: number): readonly [rest: S, held: S] {
  checkSplit('holdOut', split);
  checkNumber('share', share, belowOne);
  const left = quotasOf(split.labels, share);
  const isHeld = new Uint8Array(split.labels.length);
  for (const example of permutation(key, split.labels.length)) {
    const label = split.labels[example] as number;
    if ((left[label] as number) === 0) continue;
    left[label] = (left[label] as number) - 1;
    isHeld[example] = 1;
  }
  const all = [...split.labels.keys()];
  return [
    pick(
      split,
      all.filter((i) => !isHeld[i]),
    ),
    pick(
      split,
      all.filter((i) => isHeld[i]),
    ),
  ];
}
