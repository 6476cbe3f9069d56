import { createHash } from 'node:crypto';
import { refusal } from '@steppe/check';
import type { AnySplit } from '../dataset.ts';

/**
 * Names the labels of a split by their SHA-256, so that a run with label noise can say which labels it had.
 *
 * @returns 64 hexadecimal digits over the labels alone; `hashDataset` takes the images in.
 * @throws When there are no labels.
 *
 * @example
 * ```ts
 * import { symmetricLabelNoise } from '@steppe/datasets';
 * import { hashLabels, loadDataset } from '@steppe/datasets/node';
 * import { key } from '@steppe/random';
 *
 * const { train } = await loadDataset('fashion-mnist-mini');
 * const noisy = (seed: number) => hashLabels(symmetricLabelNoise(key(seed), train, 0.4, 10));
 * console.log(noisy(1) === noisy(1), noisy(1) === noisy(2)); // => true false
 * ```
 */
export function hashLabels(split: Pick<AnySplit, 'labels'>): string {
  const { labels }: Partial<AnySplit> = Object(split);
  if (!ArrayBuffer.isView(labels)) throw refusal('split', '{ labels } with the number of a class each', split);
  return createHash('sha256').update(labels).digest('hex');
}
