import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { FileError, printable, readRegular, reasonOf } from '@steppe/files';
import { parse } from 'csv-parse/sync';
import { changedAt } from './changed-at.ts';
import type { ListedFile } from './image-file.ts';
import { type LabelledFile, type Listing, noteOf } from './listing.ts';
import { byName } from './walk.ts';

const maxBytes = 1 << 29;
const atOnce = 256;

/** A line of a file of labels: an image, its class and the half that it belongs to. */
export type LabelRow = { readonly file: string; readonly label: string; readonly split?: string };

const heldOutNames: readonly string[] = ['val', 'valid', 'validation', 'test'];

/** Reads the rows of a CSV file with the columns file, label and, if there is one, split. */
async function rowsOf(path: string): Promise<readonly LabelRow[]> {
  const text = String(await readRegular(path, { maxBytes }));
  const delimiter = path.endsWith('.tsv') ? '\t' : ',';
  const refused = (what: string, cause?: unknown): FileError => new FileError(path, what, cause);
  let columns: readonly string[] = [];
  const named = (header: readonly string[]): string[] => {
    columns = header;
    return [...header];
  };
  let rows: readonly Readonly<Record<string, string>>[];
  try {
    rows = parse(text, { bom: true, columns: named, delimiter, skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw refused(`is no table of labels (${reasonOf(cause)}).`, cause);
  }
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw refused(`has the column ${printable(twice)} twice: leave one of them out.`);
  if (!columns.includes('file') || !columns.includes('label'))
    throw refused(`needs the columns file and label in its first line, got ${columns.join(', ') || 'no line'}.`);
  return rows.map(({ file = '', label = '', split }) => ({ file, label, ...(split && { split }) }));
}

/** Class names in their order: numbers by size, others by name. */
function classesOf(rows: readonly LabelRow[]): readonly string[] {
  const names = [...new Set(rows.map(({ label }) => label))];
  return names.every((name) => /^\d+$/.test(name)) ? names.sort((a, b) => Number(a) - Number(b)) : names.sort(byName);
}

/** Finds the files of rows below a folder, by their numbers. */
async function filesOf(root: string, rows: readonly LabelRow[], path: string): Promise<readonly ListedFile[]> {
  const files: ListedFile[] = [];
  const seen = new Set<string>();
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = rows.slice(from, from + atOnce);
    const stats: readonly (Stats | undefined)[] = await Promise.all(
      some.map(({ file }) => stat(join(root, file)).catch(() => undefined)),
    );
    for (const [i, { file, label }] of some.entries()) {
      const [found, line] = [stats[i], `its row ${from + i + 1}`];
      if (label === '') throw new FileError(path, `names no label for ${file} in ${line}.`);
      const name = relative(root, join(root, file)).replaceAll('\\', '/');
      if (name.startsWith('..')) throw new FileError(path, `names ${file} in ${line}, which lies outside of ${root}.`);
      if (!found?.isFile()) throw new FileError(path, `names ${file} in ${line}, which is no file in ${root}.`);
      if (seen.has(name)) throw new FileError(path, `names ${file} twice, the second time in ${line}.`);
      seen.add(name);
      files.push({ name, bytes: found.size, modified: changedAt(found) });
    }
  }
  return files;
}

/** Which rows are held out: those of the named half, else those of the first of the usual names that occurs. */
function heldOutName(rows: readonly LabelRow[], wanted: string | undefined, path: string): string | undefined {
  const there = [...new Set(rows.flatMap(({ split }) => split ?? []))];
  if (wanted !== undefined && !there.includes(wanted))
    throw new FileError(path, `has no rows of the split ${wanted}: it has ${there.join(', ') || 'no column split'}.`);
  return wanted ?? heldOutNames.find((name) => there.includes(name));
}

/** Makes a listing of rows: the classes are those of the training rows. */
export async function listRows(
  root: string,
  rows: readonly LabelRow[],
  path: string,
  heldOut?: string,
): Promise<Listing> {
  const held = heldOutName(rows, heldOut, path);
  const training = rows.filter(({ split }) => split === undefined || split === 'train');
  const others = rows.filter(({ split }) => held !== undefined && split === held);
  const classes = classesOf(training);
  if (classes.length < 2)
    throw new FileError(path, `needs training images of 2 classes or more, got ${classes.length}.`);
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const strange = others.find(({ label }) => !numbers.has(label));
  if (strange !== undefined)
    throw new FileError(path, `holds the class ${strange.label} in ${held}, of which there is no training image.`);
  const files = await filesOf(root, [...training, ...others], path);
  const labelled = (some: readonly LabelRow[], from: number): readonly LabelledFile[] =>
    some.map(({ label }, i) => ({ file: files[from + i] as ListedFile, label: numbers.get(label) as number }));
  const left = [...new Set(rows.flatMap(({ split }) => (split === undefined ? [] : split)))].filter(
    (name) => name !== 'train' && name !== held,
  );
  return {
    name: basename(root),
    root,
    classes,
    train: labelled(training, 0),
    test: held === undefined ? undefined : labelled(others, training.length),
    notes: noteOf(left, (names) => `Not read are the rows of: ${names}.`),
  };
}

/**
 * Lists the images that a CSV file names: columns `file`, below the folder, `label` and, if there is one, `split`.
 *
 * @throws When a column is missing, a file is missing, named twice or outside of the folder, or there are fewer than two
 * classes.
 */
export async function listLabels(folder: string, labels: string, heldOut?: string): Promise<Listing> {
  const root = resolve(folder);
  const path = resolve(root, labels);
  return listRows(root, await rowsOf(path), path, heldOut);
}
