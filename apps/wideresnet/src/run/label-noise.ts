import { createHash } from 'node:crypto';
import { asymmetricLabelNoise, confusions, symmetricLabelNoise } from '@steppe/datasets';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import type { AnyImages } from './augmented.ts';
import type { Data } from './data.ts';
import { keysOf } from './keys.ts';

/** Which training labels were made wrong. */
export type LabelNoise = {
  readonly share: number;
  /** By any other class where it is not said. */
  readonly kind?: 'asymmetric';
  /** How many labels that is. */
  readonly replaced: number;
  /** SHA-256 of the labels that the run trains on: equal hashes, equal labels. */
  readonly sha256: string;
};

/** Images whose training labels are partly wrong; those of the held-out images are right. */
export type NoisyData = Data & { readonly labelNoise?: LabelNoise };

const replacedBy = (noisy: AnyImages, clean: AnyImages): number =>
  noisy.labels.filter((label, i) => label !== clean.labels[i]).length;

/** Which class each class of a dataset is easily taken for. */
function confusionsOf(name: string): readonly number[] {
  const known: { readonly [dataset: string]: readonly number[] } = confusions;
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) return found;
  throw new CommandError(
    `--label-noise-kind asymmetric is known for ${Object.keys(known).join(' and ')}, not for ${name}: say symmetric.`,
  );
}

/**
 * Replaces the share of the training labels that the options say by wrong ones, drawn from the seed.
 *
 * @returns The data as they are where the share is 0; the hash of the data stays that of the right labels.
 * @throws When the dataset has a single class, or so few images that the share rounds to none of them.
 */
export function withLabelNoise(
  { 'label-noise': share, 'label-noise-kind': kind = 'symmetric', seed }: Options,
  data: Data,
): NoisyData {
  if (share === 0) return data;
  const { dataset } = data;
  const { length } = dataset.classes;
  if (length < 2)
    throw new CommandError(`--label-noise needs 2 classes or more, got the ${length} of ${dataset.name}.`);
  const { labels: key } = keysOf(seed);
  const train =
    kind === 'symmetric'
      ? symmetricLabelNoise(key, dataset.train, share, length)
      : asymmetricLabelNoise(key, dataset.train, share, confusionsOf(dataset.name));
  const noisy = { ...dataset, train };
  const replaced = replacedBy(noisy.train, dataset.train);
  if (replaced === 0)
    throw new CommandError(
      `--label-noise ${share} of ${dataset.train.labels.length} training images is no label: say more of either, or 0.`,
    );
  const sha256 = createHash('sha256').update(noisy.train.labels).digest('hex');
  return { ...data, dataset: noisy, labelNoise: { share, ...(kind === 'asymmetric' && { kind }), replaced, sha256 } };
}
