import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { checkOneOf, checkOptions } from '@steppe/check';
import { FileError, readRegular } from '@steppe/files';
import { parseMat } from '../mat.ts';
import { listFolders } from './folders.ts';
import { checkFolder } from './image-folder.ts';
import { type ImageDataset, type ImageOptions, imageChecks } from './image-options.ts';
import { type LabelRow, listLabels, listRows } from './labels-file.ts';
import { type Listing, noteOf } from './listing.ts';

/** The sets to finetune on: as they are published, or, of those that are not any more, as folders of classes. */
export type FinetuningSet = 'aircraft' | 'birdsnap' | 'cars' | 'flowers102' | 'food101' | 'pets';

const maxBytes = 1 << 26;

/** The lines of a list, and their words. */
async function linesOf(path: string): Promise<readonly (readonly string[])[]> {
  const text = String(await readRegular(path, { maxBytes }));
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => line.trim().split(/\s+/));
}

/** One numeric array of a MATLAB file. */
async function numbersOf(path: string, name: string): Promise<readonly number[]> {
  const array = parseMat(await readRegular(path, { maxBytes }), maxBytes).get(name);
  if (array === undefined) throw new FileError(path, `holds no array ${name}.`);
  return [...array.data];
}

type Reader = (root: string) => Promise<readonly LabelRow[]>;

/** A set: how its images are listed, and how many classes it has as a whole. */
type Entry = { readonly list: (root: string) => Promise<Listing>; readonly classes: number };

/** A set whose files list its images, as it is published. */
const published = (read: Reader, classes: number): Entry => ({
  list: async (root) => listRows(root, await read(root), `the lists in ${basename(root)}`, 'test'),
  classes,
});

/** A set that is published no more: `train/CLASS/*` with `test/CLASS/*`, or `labels.csv` with the halves as `split`. */
const asFolders = (classes: number): Entry => ({
  list: (root) => (existsSync(join(root, csv)) ? listLabels(root, csv, 'test') : listFolders(root, 'test')),
  classes,
});

const csv = 'labels.csv';

/** Rows of two lists, of training and of test images. */
const ofLists =
  (train: string, test: string, rowOf: (words: readonly string[]) => Omit<LabelRow, 'split'>): Reader =>
  async (root) => {
    const halves = [
      [train, 'train'],
      [test, 'test'],
    ] as const;
    const rows = halves.map(async ([list, split]) =>
      (await linesOf(join(root, list))).map((words) => ({ ...rowOf(words), split })),
    );
    return (await Promise.all(rows)).flat();
  };

const flowers: Reader = async (root) => {
  const labels = await numbersOf(join(root, 'imagelabels.mat'), 'labels');
  const part = async (array: string, split: string): Promise<readonly LabelRow[]> =>
    (await numbersOf(join(root, 'setid.mat'), array)).map((n) => ({
      file: `jpg/image_${String(n).padStart(5, '0')}.jpg`,
      label: String(labels[n - 1] ?? ''),
      split,
    }));
  return [...(await part('trnid', 'train')), ...(await part('valid', 'train')), ...(await part('tstid', 'test'))];
};

const aircraft = ofLists('images_variant_trainval.txt', 'images_variant_test.txt', ([id, ...variant]) => ({
  file: `images/${id}.jpg`,
  label: variant.join(' '),
}));
const food = ofLists('meta/train.txt', 'meta/test.txt', ([name = '']) => ({
  file: `images/${name}.jpg`,
  label: name.replace(/\/.*$/, ''),
}));
const pets = ofLists('annotations/trainval.txt', 'annotations/test.txt', ([name = '']) => ({
  file: `images/${name}.jpg`,
  label: name.replace(/_\d+$/, ''),
}));

const sets: { readonly [name in FinetuningSet]: Entry } = {
  aircraft: published(aircraft, 100),
  birdsnap: asFolders(500),
  cars: asFolders(196),
  flowers102: published(flowers, 102),
  food101: published(food, 101),
  pets: published(pets, 37),
};

/**
 * Lists the sets that `loadFinetuningSet` knows.
 *
 * @example
 * ```ts
 * import { finetuningSets } from '@steppe/datasets/node';
 *
 * console.log(finetuningSets.join(' ')); // => aircraft birdsnap cars flowers102 food101 pets
 * ```
 */
export const finetuningSets: readonly FinetuningSet[] = Object.keys(sets) as FinetuningSet[];

/**
 * Makes a dataset of one of the sets that the SAM paper finetunes on, unpacked as its authors publish it, or in folders.
 *
 * | name | folder | halves |
 * |---|---|---|
 * | `aircraft` | `fgvc-aircraft-2013b/data`: `images`, `images_variant_*.txt` | trainval, test |
 * | `birdsnap`, `cars` | `train/CLASS/*` and `test/CLASS/*`; or `labels.csv` with `file`, `label`, `split` | train, test |
 * | `flowers102` | `jpg`, `imagelabels.mat`, `setid.mat` | train with validation, test |
 * | `food101` | `food-101`: `images`, `meta` | train, test |
 * | `pets` | `images`, `annotations` | trainval, test |
 *
 * Birdsnap was published as a list of addresses of which many are dead, and the page of Stanford Cars is gone: whoever
 * has their images lays them out as above. `notes` says where a set has fewer classes than the whole one.
 *
 * @throws When the name is unknown, or a file is missing or names an image that is.
 * @see Foret et al., Sharpness-aware minimization (ICLR 2021), table 3
 *
 * @example
 * ```ts
 * import { loadFinetuningSet } from '@steppe/datasets/node';
 *
 * const refused = await loadFinetuningSet('pets', '/nowhere').catch(({ message }) => message);
 * console.log(refused); // => /nowhere does not exist.
 * ```
 */
export async function loadFinetuningSet(
  name: FinetuningSet,
  folder: string,
  options: ImageOptions = {},
): Promise<ImageDataset> {
  checkOneOf('name', name, finetuningSets);
  checkOptions('loadFinetuningSet', options, imageChecks);
  await checkFolder(folder);
  const root = resolve(folder);
  const listing = await sets[name].list(root);
  const [whole, found] = [sets[name].classes, listing.classes.length];
  const partial = noteOf(
    found === whole ? [] : [String(found)],
    (n) => `${name} has ${whole} classes as a whole, this folder ${n}.`,
  );
  const { imageDataset } = await import('./image-dataset.ts');
  return imageDataset({ ...listing, name, notes: [...listing.notes, ...partial] }, options);
}
