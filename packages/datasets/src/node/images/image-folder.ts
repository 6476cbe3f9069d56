import { stat } from 'node:fs/promises';
import { type Check, checkOptions, refusal } from '@steppe/check';
import { FileError } from '@steppe/files';
import { listFolders } from './folders.ts';
import { type ImageDataset, type ImageOptions, imageChecks } from './image-options.ts';
import { listLabels } from './labels-file.ts';

/** How a folder of images becomes a dataset. */
export type ImageFolderOptions = ImageOptions & {
  /** A CSV file in the folder with the columns `file` and `label`, for images that no folders of classes tell apart. */
  readonly labels?: string;
  /** The folder, or the `split` of the CSV file, of held-out images, where there is more than one.
   * @defaultValue the first of `val`, `valid`, `validation`, `test` that there is */
  readonly heldOut?: string;
};

const aName: Check = (name, value) => {
  if (typeof value !== 'string' || value === '') throw refusal(name, 'a name', value);
};
const checks = { ...imageChecks, labels: aName, heldOut: aName };

/** Refuses what is no folder. */
export async function checkFolder(folder: unknown): Promise<void> {
  if (typeof folder !== 'string' || folder === '') throw refusal('folder', 'the path of a folder', folder);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new FileError(folder, found === undefined ? 'does not exist.' : 'must be a folder of images, and is none.');
}

/**
 * Makes a dataset of any folder of images: `train/CLASS/*` with `val/CLASS/*`, folders of classes alone, of which a
 * share is held out, or a CSV file that names the class of each image.
 *
 * JPEG (grey and CMYK, too), PNG (also of 16 bits, with a palette or transparent), WebP, GIF, TIFF and AVIF are decoded
 * in worker threads when a batch needs them, turned upright as EXIF says; nothing but their names, sizes and hashes is
 * kept in memory. The same seed gives the same batches, whatever the number of threads. Both splits show the centre of
 * each image (`centerCrop`), to measure on; train on `withView(train, randomResizedCrop(size))`.
 *
 * `notes` says what has to be known: what was held out, what is no image, which classes are empty.
 *
 * @throws When there is no such folder, no two classes with images, the held-out images are of other classes, or an
 * option is unknown or out of range.
 *
 * @example
 * ```ts
 * import { mkdir, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { withTemporaryFolder } from '@steppe/files';
 * import { loadImageFolder } from '@steppe/datasets/node';
 *
 * const picture = 'R0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=';
 * await withTemporaryFolder(tmpdir(), async (folder) => {
 *   for (const name of ['cats', 'dogs']) {
 *     await mkdir(`${folder}/${name}`);
 *     for (const n of [1, 2]) await writeFile(`${folder}/${name}/${n}.gif`, picture, 'base64');
 *   }
 *   const { classes, train, test } = await loadImageFolder(folder, { share: 0.5, size: 32, hash: 'names' });
 *   console.log(classes, train.labels.length, test.labels.length); // => [ 'cats', 'dogs' ] 2 2
 * });
 * ```
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<ImageDataset> {
  checkOptions('loadImageFolder', options, checks);
  await checkFolder(folder);
  const { labels, heldOut, ...rest } = options;
  const listing = await (labels === undefined ? listFolders(folder, heldOut) : listLabels(folder, labels, heldOut));
  // The decoder is large: only who has images loads it.
  const { imageDataset } = await import('./image-dataset.ts');
  return imageDataset(listing, rest);
}
