import { join } from 'node:path';
import { FileError, readRegular } from '@steppe/files';
import { parseSynsets } from './synsets.ts';

const maxBytes = 1 << 26;
const wnid = /^n\d{8}$/;

/** What a file of ground truth has to look like. */
const forms =
  'a line for each image in the order of their names (n01440764, or the number of the devkit with meta.mat beside it), ' +
  'lines "NAME CLASS" with the class as n01440764 or its place from 0, or LOC_val_solution.csv of Kaggle';

/** The class of each validation image, by its number in the order of names or by its name. */
export type GroundTruth = (index: number, name: string) => string | undefined;

const stem = (name: string): string => name.replace(/^.*\//, '').replace(/\.jpe?g$/i, '');

/** The synsets that the numbers of the devkit mean, from the meta.mat beside its file. */
async function synsets(path: string): Promise<ReadonlyMap<number, string>> {
  const meta = join(path, '..', 'meta.mat');
  return parseSynsets(await readRegular(meta, { maxBytes }));
}

/**
 * Reads the classes of ImageNet's validation images from a file of one of the usual forms.
 *
 * @param classes - All classes in their order, for files that name the place of a class.
 * @throws When the file has none of the forms.
 */
export async function readGroundTruth(path: string, classes: readonly string[]): Promise<GroundTruth> {
  const lines = String(await readRegular(path, { maxBytes }))
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const rows = lines.map((line) => line.trim().split(/[\s,]+/));
  const [first = []] = rows;
  if (first[0] === 'ImageId') {
    const byName = new Map(rows.slice(1).map(([name = '', id]) => [stem(name), id]));
    return (_, name) => byName.get(stem(name));
  }
  if (rows.every(([id = '', ...more]) => wnid.test(id) && more.length === 0)) return (index) => rows[index]?.[0];
  if (rows.every(([id = '', ...more]) => /^\d+$/.test(id) && more.length === 0)) {
    const names = await synsets(path);
    return (index) => names.get(Number(rows[index]?.[0]));
  }
  if (first.length !== 2) throw new FileError(path, `is no file of ground truth: it may have ${forms}.`);
  const byName = new Map(rows.map(([name = '', id = '']) => [stem(name), wnid.test(id) ? id : classes[Number(id)]]));
  return (_, name) => byName.get(stem(name));
}
