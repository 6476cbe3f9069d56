import { createHash } from 'node:crypto';
import { symmetricLabelNoise } from '@steppe/datasets';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import type { AnyImages } from './augmented.ts';
import type { Data } from './data.ts';
import { keysOf } from './keys.ts';

/** Which training labels were made wrong. */
export type LabelNoise = {
  readonly share: number;
  /** How many labels that is. */
  readonly replaced: number;
  /** SHA-256 of the labels that the run trains on: equal hashes, equal labels. */
  readonly sha256: string;
};

/** Images whose training labels are partly wrong; those of the held-out images are right. */
export type NoisyData = Data & { readonly labelNoise?: LabelNoise };

const replacedBy = (noisy: AnyImages, clean: AnyImages): number =>
  noisy.labels.filter((label, i) => label !== clean.labels[i]).length;

/**
 * Replaces the share of the training labels that the options say by wrong ones, drawn from the seed.
 *
 * @returns The data as they are where the share is 0; the hash of the data stays that of the right labels.
 * @throws When the dataset has a single class, or so few images that the share rounds to none of them.
 */
export function withLabelNoise({ 'label-noise': share, seed }: Options, data: Data): NoisyData {
  if (share === 0) return data;
  const { dataset } = data;
  const { length } = dataset.classes;
  if (length < 2)
    throw new CommandError(`--label-noise needs 2 classes or more, got the ${length} of ${dataset.name}.`);
  const noisy = { ...dataset, train: symmetricLabelNoise(keysOf(seed).labels, dataset.train, share, length) };
  const replaced = replacedBy(noisy.train, dataset.train);
  if (replaced === 0)
    throw new CommandError(
      `--label-noise ${share} of ${dataset.train.labels.length} training images is no label: say more of either, or 0.`,
    );
  const sha256 = createHash('sha256').update(noisy.train.labels).digest('hex');
  return { ...data, dataset: noisy, labelNoise: { share, replaced, sha256 } };
}
