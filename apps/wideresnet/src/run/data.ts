import { type Batch, batches, classNames, type Dataset, type Split, slice } from '@steppe/datasets';
import { hashDataset, loadDataset, type NamedDataset } from '@steppe/datasets/node';
import { FileError } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { augmentations, withAutoAugment } from '../options/augmentations.ts';
import type { Resolved } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import { augmenting } from './augmented.ts';

/** The images of a run and what to call them. */
export type Data = {
  readonly dataset: NamedDataset;
  /** SHA-256 over the images and labels in use: equal hashes, equal data. */
  readonly sha256: string;
  /** Held out of the training images of the dataset, where that was asked for. */
  readonly validation?: Split;
};

/** Refuses to mirror digits, which makes other digits of them or none, and what is not known for the images. */
function checkAugmentation(name: Options['augment'], data: Dataset): void {
  const { name: dataset, classes } = data;
  if (augmenting(name, data) === undefined)
    throw new CommandError(
      `--augment ${name} is known for files and for ${withAutoAugment.join(', ')}, not for ${dataset}: say --augment randaugment.`,
    );
  if (!augmentations[name].mirrors || classes.join() !== classNames.digits.join()) return;
  throw new CommandError(
    `--augment ${name} mirrors images, and the digits of ${dataset} mean something else in a mirror: say --augment none.`,
  );
}

/** Refuses to repeat a run on other images than it saw. */
function checkSameData(wanted: string | undefined, { dataset, sha256 }: Data): void {
  if (wanted === undefined || wanted === sha256) return;
  throw new CommandError(
    `The run of --config saw other images: theirs have the SHA-256 ${wanted}, those of ${dataset.name} here ${sha256} (${dataset.source}). Name a --dataset to train on other images.`,
    exitCode.data,
  );
}

/**
 * Checks that images are those that a run shall see.
 *
 * @throws When the run is a repeated one that saw others, or when its augmentation makes other classes of them.
 */
export function checkData({ options, sha256 }: Pick<Resolved, 'options' | 'sha256'>, data: Data): void {
  checkSameData(sha256, data);
  checkAugmentation(options.augment, data.dataset);
}

/** What `loadData` needs of the options. */
export type DataOptions = Pick<Options, 'dataset' | 'download' | 'limit' | 'data'>;

/**
 * Loads the images that the options name, at most `limit` of either half.
 *
 * @throws When they are not on this machine and may not be downloaded, or are damaged.
 */
export async function loadData(
  options: DataOptions,
  onDownload: (text: string) => void,
  signal?: AbortSignal,
): Promise<Data> {
  const { dataset: name, download, data: folder, limit } = options;
  let told = '';
  const whole = await loadDataset(name, {
    download,
    folder,
    signal,
    onWait: onDownload,
    onProgress: ({ file, received, total }) => {
      const text = `downloading ${file}: ${Math.floor((10 * received) / total) * 10} %`;
      if (text !== told) onDownload(text);
      told = text;
    },
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const text = (cause as Error).message.replaceAll('download: true', '--download');
    // What the disk refuses is no fault of the data.
    throw new CommandError(text, cause instanceof FileError ? exitCode.io : exitCode.data, { cause });
  });
  const dataset =
    limit === undefined ? whole : { ...whole, train: slice(whole.train, 0, limit), test: slice(whole.test, 0, limit) };
  return { dataset, sha256: hashDataset(dataset) };
}

/** The batches of held-out images: in order, as they are. */
export const heldOut = (split: Split, signal?: AbortSignal): AsyncIterable<Batch> =>
  batches(split, { batchSize: 100, ...(signal && { signal }) });
