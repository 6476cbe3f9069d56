import { checkNumber } from '@steppe/check';
import { type AnySplit, checkSplit } from './dataset.ts';
import { imageAt } from './image-at.ts';
import { checkLabels, classesFrom } from './labels.ts';

/** What a split is made of, in numbers. */
export type SplitNumbers = {
  /** How many examples there are. */
  readonly count: number;
  /** How many examples there are of each class, by class number. */
  readonly counts: readonly number[];
  /** The mean of each channel, where bytes are 0 … 1: what `normalization` may hold. */
  readonly mean: readonly number[];
  /** The standard deviation of each channel, where bytes are 0 … 1. */
  readonly std: readonly number[];
};

/** How often each byte comes in each channel. */
async function histograms(split: AnySplit): Promise<readonly Float64Array[]> {
  const channels = split.shape[2];
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let example = 0; example < split.labels.length; example += 1) {
    const image = imageAt(split, example);
    const { pixels } = 'pixels' in image ? image : await image;
    for (const [c, histogram] of counts.entries())
      for (let i = c; i < pixels.length; i += channels) {
        const byte = pixels[i] as number;
        histogram[byte] = (histogram[byte] as number) + 1;
      }
  }
  return counts;
}

/**
 * Counts the examples of each class of a split, and computes mean and standard deviation of each channel.
 *
 * Both are those of all pixels, √(Σ(x - mean)² / n), computed from counts of bytes, so that they are exact for any number
 * of images. Images in files are all read; describe a `slice` where that takes too long.
 *
 * @param classes - How many classes there are.
 * @throws When the split is none or has no example, or a label names no class.
 *
 * @example
 * ```ts
 * import { describeSplit } from '@steppe/datasets';
 * import { loadDataset } from '@steppe/datasets/node';
 *
 * const { test, classes } = await loadDataset('fashion-mnist-mini');
 * const { counts, mean } = await describeSplit(test, classes.length);
 * console.log(counts[9], mean.map((x) => x.toFixed(2))); // => 100 [ '0.28' ]
 * ```
 */
export async function describeSplit(split: AnySplit, classes: number): Promise<SplitNumbers> {
  checkSplit('describeSplit', split);
  checkNumber('classes', classes, classesFrom(1, 2 ** 31));
  const { labels } = split;
  if (labels.length === 0) throw new Error('A split without examples has neither mean nor standard deviation.');
  checkLabels(labels, classes);
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const numbers = (await histograms(split)).map((histogram) => {
    const all = histogram.reduce((sum, n) => sum + n, 0);
    const mean = histogram.reduce((sum, n, byte) => sum + n * byte, 0) / all;
    const square = histogram.reduce((sum, n, byte) => sum + n * (byte - mean) ** 2, 0) / all;
    return { mean: mean / 255, std: Math.sqrt(square) / 255 };
  });
  return { count: labels.length, counts, mean: numbers.map(({ mean }) => mean), std: numbers.map(({ std }) => std) };
}
