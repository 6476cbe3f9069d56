import { belowOne, checkNumber } from '@steppe/check';
import { type Key, permutation, split as splitKey, uniforms } from '@steppe/random';
import { type AnySplit, checkSplit } from './dataset.ts';
import { checkLabels, classesFrom, copyLabels } from './labels.ts';

/**
 * Replaces the labels of some examples by wrong ones, to see how well a method learns from labels that cannot all be
 * trusted.
 *
 * The noise is symmetric: which examples are hit is random, and each other class is equally likely to stand in. Exactly
 * `round(share · count)` labels are replaced, halves rounded up, and each of them differs from the one before. Give it
 * the training half only: test images keep their labels, or the error would count right answers as wrong.
 *
 * The same key, labels and share give the same noise on every machine. The given split stays as it is; its images are
 * shared.
 *
 * @param share - The share of labels to replace, at least 0 and below 1.
 * @param classes - How many classes there are, at least 2 and at most 256.
 * @throws When `share` is not in [0, 1), when there are fewer than 2 classes, or when a label names none of them.
 * @see Foret et al., Sharpness-aware minimization (ICLR 2021), section 3.3 and table 4: what SAM makes of labels like
 * these.
 *
 * @example
 * ```ts
 * import { normalizations, type Split, symmetricLabelNoise } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const split: Split = {
 *   images: new Uint8Array(10 * 28 * 28),
 *   labels: Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
 *   shape: [28, 28, 1],
 *   normalization: normalizations.fashionMnist,
 * };
 * const noisy = symmetricLabelNoise(key(0), split, 0.4, 10);
 * console.log(noisy.labels.filter((label, i) => label !== split.labels[i]).length); // => 4
 * ```
 */
export function symmetricLabelNoise<S extends AnySplit>(key: Key, split: S, share: number, classes: number): S {
  checkSplit('symmetricLabelNoise', split);
  checkNumber('share', share, belowOne);
  // A wrong label needs another class.
  checkNumber('classes', classes, classesFrom(2));
  checkLabels(split.labels, classes);
  const [ofExamples, ofClasses] = splitKey(key);
  const labels = copyLabels(split.labels);
  const hit = permutation(ofExamples, labels.length).subarray(0, Math.round(share * labels.length));
  const draws = uniforms(ofClasses, hit.length);
  for (const [i, example] of hit.entries()) {
    // From 1 to classes - 1 places further around the circle of classes: never back to the label itself.
    const further = 1 + Math.floor((draws[i] as number) * (classes - 1));
    labels[example] = ((labels[example] as number) + further) % classes;
  }
  return { ...split, labels };
}
