import { createHash, type Hash } from 'node:crypto';
import { refusal } from '@steppe/check';
import { type AnySplit, checkSplit, type Dataset, type IndexedSplit, isIndexed } from '../dataset.ts';

/**
 * Names the images and labels of a dataset by their SHA-256: equal hashes, equal data, whatever the dataset is called.
 *
 * A run notes it, and who repeats the run compares it before the first step. Images in files are known by their names
 * and what they hold, which was found out when they were loaded, or by name and size where that was asked for; where
 * their folder lies does not matter.
 *
 * @returns 64 hexadecimal digits over shape, number of classes, labels and pixels, or files, of both splits.
 * @throws When it is no dataset, or images that are read when they are needed have no digests.
 *
 * @example
 * ```ts
 * import { slice } from '@steppe/datasets';
 * import { hashDataset, loadDataset } from '@steppe/datasets/node';
 *
 * const whole = await loadDataset('fashion-mnist-mini');
 * const part = { ...whole, train: slice(whole.train, 0, 100) };
 * console.log(hashDataset(whole).length, hashDataset(part) === hashDataset(whole)); // => 64 false
 * ```
 */
export function hashDataset(dataset: Pick<Dataset<AnySplit>, 'train' | 'test' | 'classes'>): string {
  const { train, test, classes }: Partial<Dataset<AnySplit>> = Object(dataset);
  if (!(train && test && Array.isArray(classes))) throw refusal('dataset', '{ train, test, classes }', dataset);
  for (const split of [train, test]) checkSplit('hashDataset', split);
  const sum = createHash('sha256');
  // The counts come first, so that no byte can move from one part to the next without a trace.
  const add = (split: AnySplit): void => {
    const { labels, shape } = split;
    const what = isIndexed(split) ? 'files' : shape.join();
    sum.update(`${what} ${labels.length} ${classes.length}\n`).update(labels);
    if (isIndexed(split)) addDigests(sum, split);
    else sum.update(split.images);
  };
  add(train);
  add(test);
  return sum.digest('hex');
}

/** Adds the hashes of images that nobody would read once more for this. */
function addDigests(sum: Hash, { images, places }: IndexedSplit): void {
  const { digest } = images;
  if (digest === undefined)
    throw new Error('Images that are read when they are needed have no hash of their own: give them a digest.');
  for (const place of places) sum.update(digest(place));
}
