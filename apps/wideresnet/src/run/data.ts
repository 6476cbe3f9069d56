import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, batches, classNames, type Dataset, isIndexed } from '@steppe/datasets';
import {
  hashDataset,
  type ImageDataset,
  type ImageFolderOptions,
  loadDataset,
  loadFinetuningSet,
  loadImageFolder,
  loadImageNet,
} from '@steppe/datasets/node';
import { codeOf, printable } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { augmentations, withAutoAugment } from '../options/augmentations.ts';
import { type FileDataset, isFileDataset } from '../options/file-datasets.ts';
import type { Resolved } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import { type AnyImages, augmenting } from './augmented.ts';
import { withNamedFaults } from './image-faults.ts';
import { limited } from './limited.ts';
import { shownPath } from './run-folder.ts';

/** The images of a run and what to call them. */
export type Data = {
  readonly dataset: Dataset<AnyImages>;
  /** SHA-256 over the images and labels in use: equal hashes, equal data. */
  readonly sha256: string;
  /** Whether the test images were drawn from a folder that says nothing of any: other files in it, another draw. */
  readonly drawn?: boolean;
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
function checkSameData(wanted: string | undefined, { dataset, sha256 }: Data, { images }: DataOptions): void {
  if (wanted === undefined || wanted === sha256) return;
  const remedy =
    images === undefined
      ? 'Name a --dataset to train on other images'
      : 'Put them back, or name the folder by --images to train on what it holds now';
  throw new CommandError(
    `The run of --config saw other images: theirs have the SHA-256 ${wanted}, those of ${dataset.name} here ${sha256} (${dataset.source}). ${remedy}.`,
    exitCode.data,
  );
}

/**
 * Checks that images are those that a run shall see.
 *
 * @throws When the run is a repeated one that saw others, or when its augmentation makes other classes of them.
 */
export function checkData({ options, sha256 }: Pick<Resolved, 'options' | 'sha256'>, data: Data): void {
  checkSameData(sha256, data, options);
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

/** What a loader of files is told by the options. */
const fileOptions = (
  { 'image-size': size, broken, workers }: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): ImageFolderOptions => {
  const tell = tenths(onWait);
  return {
    ...(size !== undefined && { size }),
    ...(broken !== undefined && { onBroken: broken }),
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
    onProgress: ({ done, total }) => tell('reading all files', done, total),
  };
};

type Loaded = Dataset<AnyImages> & { readonly drawn?: boolean };

/** Tells what must be known of how files were found. */
function told({ notes, ...dataset }: ImageDataset, onWait: (text: string) => void): Loaded {
  for (const note of notes) onWait(`note: ${printable(note)}`);
  return dataset;
}

const kindAt = (path: string): 'file' | 'folder' | undefined => {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && (found.isDirectory() ? 'folder' : 'file');
};

/** Refuses a path that a word names wrongly. */
function checkPlace(path: string, kind: 'file' | 'folder', remedy: string): void {
  const found = kindAt(path);
  if (found !== kind)
    throw new CommandError(
      `No images at ${shownPath(path)}${found === undefined ? '' : `, which is a ${found}`}: ${remedy}.`,
    );
}

/** Loads a dataset of files by its name. */
async function loadFiles(
  name: FileDataset,
  options: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Dataset<AnyImages>> {
  const { data: folder } = options;
  if (folder === undefined)
    throw new CommandError(
      `--dataset ${name} is not downloaded: say by --data which folder its files are in.`,
      exitCode.data,
    );
  checkPlace(folder, 'folder', `--data must name the folder in which the files of ${name} are`);
  const how = fileOptions(options, onWait, signal);
  const set = name === 'imagenet' ? await loadImageNet(folder, how) : await loadFinetuningSet(name, folder, how);
  return { ...told(set, onWait), name };
}

/** Loads the dataset of a name. */
function loadNamed(
  options: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Dataset<AnyImages>> {
  const { dataset: name, download, data: folder } = options;
  if (isFileDataset(name)) return loadFiles(name, options, onWait, signal);
  if (folder !== undefined && kindAt(folder) === 'file')
    throw new CommandError(`--data must be a folder to keep datasets in, got ${shownPath(folder)}, which is a file.`);
  const tell = tenths(onWait);
  return loadDataset(name, {
    download,
    folder,
    signal,
    onWait,
    onProgress: ({ file, received, total }) => tell(`downloading ${file}`, received, total),
  });
}

/** Loads the images of a folder. */
async function loadFolder(
  folder: string,
  options: DataOptions,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Loaded> {
  checkPlace(folder, 'folder', 'give a folder of images, such as --images ./my-photos');
  const { labels } = options;
  if (labels !== undefined && kindAt(join(folder, labels)) !== 'file')
    throw new CommandError(`--labels must name a CSV file in ${shownPath(folder)}, got ${labels}.`);
  const how = { ...fileOptions(options, onWait, signal), ...(labels !== undefined && { labels }) };
  return told(await loadImageFolder(folder, how), onWait);
}

/** What the command line calls the options of the loaders. */
const words: { readonly [option: string]: string } = {
  size: '--image-size',
  workers: '--workers',
  resize: '--image-size',
};

/** Names what ended the loading: a word that is wrong, data that are bad, or a disk that refuses. */
function named(cause: unknown): CommandError {
  const text = (cause as Error).message.replaceAll('download: true', '--download');
  const [option = ''] = /^\w+(?= must be )/.exec(text) ?? [];
  if (Object.hasOwn(words, option))
    return new CommandError(text.replace(option, words[option] ?? option), exitCode.usage, { cause });
  // What the system refuses is no fault of the data; a parser has names of its own for what is.
  const isOfSystem = /^E[A-Z\d]+$/.test(codeOf(cause) ?? '');
  return new CommandError(text, isOfSystem ? exitCode.io : exitCode.data, { cause });
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
  const whole: Loaded = await (images === undefined
    ? loadNamed(options, onWait, signal)
    : loadFolder(images, options, onWait, signal)
  ).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw cause instanceof CommandError ? cause : named(cause);
  });
  const dataset =
    limit === undefined ? whole : { ...whole, train: limited(whole.train, limit), test: limited(whole.test, limit) };
  return { dataset, sha256: hashDataset(dataset), drawn: whole.drawn === true };
}

/** Held-out images in a batch. */
export const heldOutAtOnce = 100;

/** The batches of held-out images: in order, as they are. */
export const heldOut = (split: AnyImages, signal?: AbortSignal): AsyncIterable<Batch> =>
  withNamedFaults(batches(split, { batchSize: heldOutAtOnce, ...(signal && { signal }) }));
