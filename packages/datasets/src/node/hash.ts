import { createHash } from 'node:crypto';
import type { Dataset, Split } from '../dataset.ts';

/**
 * Names the images and labels of a dataset by their SHA-256: equal hashes, equal data, whatever the dataset is called.
 *
 * A run notes it, and who repeats the run compares it before the first step.
 *
 * @returns 64 hexadecimal digits over shape, number of classes, labels and pixels of both splits.
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
export function hashDataset({ train, test, classes }: Pick<Dataset, 'train' | 'test' | 'classes'>): string {
  const sum = createHash('sha256');
  const add = ({ images, labels, shape }: Split): void => {
    // The counts come first, so that no byte can move from one part to the next without a trace.
    sum.update(`${shape.join()} ${labels.length} ${classes.length}\n`).update(labels).update(images);
  };
  add(train);
  add(test);
  return sum.digest('hex');
}
