import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Check, checkOptions, refusal } from '@steppe/check';
import { FileError } from '@steppe/files';
import { listFolders } from './folders.ts';
import { readGroundTruth } from './ground-truth.ts';
import type { ListedFile } from './image-file.ts';
import { checkFolder } from './image-folder.ts';
import { type ImageDataset, type ImageOptions, imageChecks } from './image-options.ts';
import { type LabelledFile, type Listing, noteOf } from './listing.ts';
import { tarFiles } from './tar-files.ts';
import { byName, foldersOf, walkFolder } from './walk.ts';

/** How ImageNet is read. */
export type ImageNetOptions = ImageOptions & {
  /** The file with the classes of the validation images, where these lie in no folders of classes.
   * @defaultValue the first of the usual names that there is in the folder */
  readonly groundTruth?: string;
};

const tars = { train: 'ILSVRC2012_img_train.tar', val: 'ILSVRC2012_img_val.tar' } as const;

/** Names that files of ground truth go by. */
const truths = [
  'ILSVRC2012_validation_ground_truth.txt',
  'ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt',
  'imagenet_2012_validation_synset_labels.txt',
  'LOC_val_solution.csv',
  'val.txt',
] as const;

const aPath: Check = (name, value) => {
  if (typeof value !== 'string' || value === '') throw refusal(name, 'the path of a file', value);
};
const checks = { ...imageChecks, groundTruth: aPath };

/** The training images of the official archive, or of folders of classes. */
async function trainFiles(root: string, signal?: AbortSignal): Promise<readonly ListedFile[]> {
  const tar = join(root, tars.train);
  if (existsSync(join(root, 'train'))) return (await walkFolder(root, 'train')).images;
  if (existsSync(tar)) return tarFiles(tar, 'train', signal);
  throw new FileError(root, `holds neither train/ with a folder for each class nor ${tars.train}.`);
}

async function valFiles(root: string, signal?: AbortSignal): Promise<readonly ListedFile[]> {
  const tar = join(root, tars.val);
  if (existsSync(join(root, 'val'))) return (await walkFolder(root, 'val')).images;
  if (existsSync(tar)) return tarFiles(tar, 'val', signal);
  throw new FileError(root, `holds neither val/ nor ${tars.val}.`);
}

const classIn = (name: string): string => name.split('/')[1] ?? '';

/** Gives validation images that lie side by side their classes. */
async function withTruth(
  root: string,
  files: readonly ListedFile[],
  classes: readonly string[],
  given: string | undefined,
): Promise<readonly LabelledFile[]> {
  const path = given ?? truths.find((name) => existsSync(join(root, name)));
  if (path === undefined)
    throw new FileError(
      root,
      `has validation images in no folders of classes and no file of their classes: put ${truths[0]} (with meta.mat) or ${truths[2]} there, or say groundTruth.`,
    );
  const truth = await readGroundTruth(resolve(root, path), classes);
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const sorted = [...files].sort((a, b) => byName(a.name, b.name));
  return sorted.map((file, i) => {
    const wnid = truth(i, file.name);
    const label = wnid === undefined ? undefined : numbers.get(wnid);
    if (label === undefined)
      throw new FileError(
        resolve(root, path),
        `names ${wnid === undefined ? 'no class' : `the class ${wnid}, of which there is no training image,`} for ${file.name}.`,
      );
    return { file, label };
  });
}

async function listImageNet(folder: string, groundTruth: string | undefined, signal?: AbortSignal): Promise<Listing> {
  const root = resolve(folder);
  const [hasTrain, hasVal] = ['train', 'val'].map((half) => existsSync(join(root, half)));
  if (hasTrain && hasVal && (await foldersOf(join(root, 'val'))).length > 0) return listFolders(root, 'val');
  const train = await trainFiles(root, signal);
  const classes = [...new Set(train.map(({ name }) => classIn(name)))].sort(byName);
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const test = await valFiles(root, signal);
  return {
    name: basename(root),
    root,
    classes,
    train: train.map((file) => ({ file, label: numbers.get(classIn(file.name)) as number })),
    test: await withTruth(root, test, classes, groundTruth),
    notes: noteOf(
      classes.length === 1000 ? [] : [String(classes.length)],
      (n) => `ImageNet has 1,000 classes, this folder ${n}.`,
    ),
  };
}

/**
 * Makes a dataset of ImageNet (ILSVRC 2012) as its users have it: folders `train/WNID/*` and `val/WNID/*`, a flat `val`
 * with a file of ground truth, or the official archives as they were downloaded, which are never unpacked.
 *
 * The archives, a tar of 1,000 tars and a flat one, are gone through once for the places of the images in them; the
 * list is kept in the cache as long as their size and time stay. Classes are numbered by WNID, as in other libraries.
 * Images are known to `hashDataset` by name and size (`hash: 'names'`) unless contents are asked for.
 *
 * @throws When the folder holds neither form, or the ground truth names no class for an image.
 * @see Russakovsky et al., ImageNet large scale visual recognition challenge (IJCV 2015)
 *
 * @example
 * ```ts
 * import { loadImageNet, randomResizedCrop, withView } from '@steppe/datasets/node';
 *
 * const imageNet = async (folder: string) => {
 *   const { train, test } = await loadImageNet(folder, { workers: 4 });
 *   return { train: withView(train, randomResizedCrop(224)), test };
 * };
 * console.log(await imageNet('/nowhere').catch(({ message }) => message)); // => /nowhere does not exist.
 * ```
 */
export async function loadImageNet(folder: string, options: ImageNetOptions = {}): Promise<ImageDataset> {
  checkOptions('loadImageNet', options, checks);
  await checkFolder(folder);
  const { groundTruth, ...rest } = options;
  const listing = await listImageNet(folder, groundTruth, options.signal);
  const { imageDataset } = await import('./image-dataset.ts');
  return imageDataset(listing, { hash: 'names', ...rest });
}
