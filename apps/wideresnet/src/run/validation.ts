import { holdOut } from '@steppe/datasets';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import type { AnyImages } from './augmented.ts';
import type { Data } from './data.ts';
import { keysOf } from './keys.ts';

/**
 * Holds the share of the training images out that the options say, drawn from the seed; the data as they are where
 * they say none.
 *
 * It comes before the label noise, which touches the rest alone: labels that are wrong by chance would only make the
 * choice less certain, since each candidate has its error raised by the same rule. So a run with label noise chooses
 * by a small set that somebody has checked, as test errors are counted.
 *
 * @returns The hash of the data stays that of all images.
 * @throws When so few images are there that the share rounds to none of them, or to all.
 */
export function withValidation({ validation: share, seed }: Options, data: Data): Data {
  if (share === undefined) return data;
  const { dataset } = data;
  const [train, validation] = holdOut(keysOf(seed).validation, dataset.train, share);
  if (validation.labels.length === 0 || train.labels.length === 0)
    throw new CommandError(
      `--validation ${share} of ${dataset.train.labels.length} training images leaves ${train.labels.length} to train on and ${validation.labels.length} to choose by: say another share or more images.`,
    );
  return { ...data, dataset: { ...dataset, train }, validation };
}

/** What a run is chosen by: the images held out of the training images, or else the test images. */
export const evaluated = ({
  dataset,
  validation,
}: Data): { readonly name: 'validation' | 'test'; readonly split: AnyImages } =>
  validation === undefined ? { name: 'test', split: dataset.test } : { name: 'validation', split: validation };
