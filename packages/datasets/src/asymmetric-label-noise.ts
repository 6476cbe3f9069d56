import { belowOne, checkNumber, refusal } from '@steppe/check';
import { foldIn, type Key, permutation } from '@steppe/random';
import { type AnySplit, checkSplit } from './dataset.ts';
import { checkLabels, copyLabels } from './labels.ts';

/** Refuses what does not say of each class which one it is taken for. */
function checkMapping(given: unknown): asserts given is readonly number[] {
  const isClass = (to: unknown): boolean =>
    Number.isInteger(to) && (to as number) >= 0 && (to as number) < (given as unknown[]).length;
  if (!Array.isArray(given) || given.length < 2 || !given.every(isClass))
    throw refusal('mapping', 'a list of the class that each class is taken for', given);
  if (given.every((to, from) => to === from))
    throw new Error('mapping takes each class for itself, which replaces no label: name another class for one.');
}

/**
 * Replaces the labels of some examples by those of the class that each is easily taken for, as people err.
 *
 * Of each class that is taken for another one exactly `round(share · count)` labels are replaced, halves rounded up;
 * which ones is random. A class that is taken for itself keeps its labels. Give it the training half only.
 *
 * The same key, labels, share and mapping give the same noise on every machine. The given split stays as it is, for
 * measurements by the right labels; its images are shared.
 *
 * @param share - The share of labels to replace in each such class, at least 0 and below 1.
 * @param mapping - The class that each class is taken for, by class number: `confusions.cifar10` or one of your own.
 * @throws When `share` is not in [0, 1), when the mapping names a class that there is not, or takes each for itself, or
 * when a label names no class of it.
 * @see Patrini et al., Making deep neural networks robust to label noise (CVPR 2017, arXiv 1609.03683), section 5
 *
 * @example
 * ```ts
 * import { asymmetricLabelNoise, normalizations, type Split } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const split: Split = {
 *   images: new Uint8Array(10),
 *   labels: Uint8Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
 *   shape: [1, 1, 1],
 *   normalization: normalizations.fashionMnist,
 * };
 * const noisy = asymmetricLabelNoise(key(0), split, 0.4, [2, 1, 2]);
 * console.log([...noisy.labels].sort()); // => [ 0, 0, 0, 1, 1, 1, 1, 1, 2, 2 ]
 * ```
 */
export function asymmetricLabelNoise<S extends AnySplit>(
  key: Key,
  split: S,
  share: number,
  mapping: readonly number[],
): S {
  checkSplit('asymmetricLabelNoise', split);
  checkNumber('share', share, belowOne);
  checkMapping(mapping);
  checkLabels(split.labels, mapping.length);
  const labels = copyLabels(split.labels);
  const members = mapping.map((): number[] => []);
  for (const [example, label] of split.labels.entries()) members[label]?.push(example);
  for (const [from, to] of mapping.entries()) {
    const own = members[from] as readonly number[];
    const hit = to === from ? 0 : Math.round(share * own.length);
    for (const at of permutation(foldIn(key, from), own.length).subarray(0, hit)) labels[own[at] as number] = to;
  }
  return { ...split, labels };
}
