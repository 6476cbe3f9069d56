import { type Batch, batches, classNames, type Dataset, isIndexed } from '@steppe/datasets';
import { hashDataset, loadDataset, loadImageFolder } from '@steppe/datasets/node';
import { FileError } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { augmentations, withAutoAugment } from '../options/augmentations.ts';
import type { Resolved } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import { type AnyImages, augmenting } from './augmented.ts';
import { limited } from './limited.ts';

/** The images of a run and what to call them. */
export type Data = {
  readonly dataset: Dataset<AnyImages>;
  /** SHA-256 over the images and labels in use: equal hashes, equal data. */
  readonly sha256: string;
  /** Held out of the training images of the dataset, where that was asked for. */
  readonly validation?: AnyImages;
};

/** Refuses to mirror digits, which makes other digits of them or none, and what is not known for the images. */
function checkAugmentation(name: Options['augment'], data: Dataset<AnyImages>): void {
  const { name: dataset, classes } = data;
  if (augmenting(name, data) === undefined)
    throw new CommandError(
      `--augment ${name} is known for files and for ${withAutoAugment.join(', ')}, not for ${dataset}: say --augment randaugment.`,
    );
  if (isIndexed(data.train) || !augmentations[name].mirrors || classes.join() !== classNames.digits.join()) return;
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
export type DataOptions = Pick<
  Options,
  'dataset' | 'download' | 'limit' | 'data' | 'images' | 'image-size' | 'labels' | 'broken' | 'workers'
>;

/** Tells how far a pass over files is, every tenth of it. */
function tenths(onWait: (text: string) => void): (what: string, done: number, total: number) => void {
  let told = '';
  return (what, done, total) => {
    const text = `${what}: ${Math.floor((10 * done) / total) * 10} %`;
    if (text !== told) onWait(text);
    told = text;
  };
}

/** Loads the dataset of a name. */
function loadNamed(
  { dataset: name, download, data: folder }: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Dataset<AnyImages>> {
  const tell = tenths(onWait);
  return loadDataset(name, {
    download,
    folder,
    signal,
    onWait,
    onProgress: ({ file, received, total }) => tell(`downloading ${file}`, received, total),
  });
}

/** Loads the images of a folder, and tells what must be known of how they were found. */
async function loadFolder(
  folder: string,
  { 'image-size': size, labels, broken, workers }: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Dataset<AnyImages>> {
  const tell = tenths(onWait);
  const { notes, ...dataset } = await loadImageFolder(folder, {
    ...(size !== undefined && { size }),
    ...(labels !== undefined && { labels }),
    ...(broken !== undefined && { onBroken: broken }),
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
    onProgress: ({ done, total }) => tell('reading all files', done, total),
  });
  for (const note of notes) onWait(`note: ${note}`);
  return dataset;
}

/**
 * Loads the images that the options name, at most `limit` of either half.
 *
 * @throws When they are not on this machine and may not be downloaded, or are damaged.
 */
export async function loadData(
  options: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Data> {
  const { images, limit } = options;
  const whole = await (images === undefined
    ? loadNamed(options, onWait, signal)
    : loadFolder(images, options, onWait, signal)
  ).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const text = (cause as Error).message.replaceAll('download: true', '--download');
    // What the disk refuses is no fault of the data.
    throw new CommandError(text, cause instanceof FileError ? exitCode.io : exitCode.data, { cause });
  });
  const dataset =
    limit === undefined ? whole : { ...whole, train: limited(whole.train, limit), test: limited(whole.test, limit) };
  return { dataset, sha256: hashDataset(dataset) };
}

/** The batches of held-out images: in order, as they are. */
export const heldOut = (split: AnyImages, signal?: AbortSignal): AsyncIterable<Batch> =>
  batches(split, { batchSize: 100, ...(signal && { signal }) });
