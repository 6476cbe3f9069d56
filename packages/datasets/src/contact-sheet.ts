import { aNumber, checkOptions, count, refusal } from '@steppe/check';
import { type AnySplit, checkSplit } from './dataset.ts';
import type { ByteImage } from './image.ts';
import { imageAt } from './image-at.ts';

/** What a contact sheet shows. */
export type ContactSheetOptions = {
  /**
   * How many examples of each class stand side by side.
   * @defaultValue 10
   */
  readonly columns?: number;
  /**
   * The numbers of the classes to show, a row each.
   * @defaultValue every class of which there is an example, in order
   */
  readonly classes?: readonly number[];
};

/** Pixels of white between two images, and the side of a sheet that programs still open. */
const [GAP, LARGEST] = [2, 16_384];

/** The first examples of each class. */
function firstOf(labels: ArrayLike<number>, columns: number): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (let example = 0; example < labels.length; example += 1) {
    const label = labels[example] as number;
    const row = found.get(label);
    if (row === undefined) found.set(label, [example]);
    else if (row.length < columns) row.push(example);
  }
  return found;
}

/**
 * Puts the first examples of each class side by side in one image, a row for each class, to look at the data before a
 * run.
 *
 * Rows of classes with fewer examples end in white. `encodePng` of `@steppe/datasets/node` makes a file of it.
 *
 * @throws When the split is none or has no example, an option is unknown or out of range, a class has no example, or the
 * sheet would have a side above 16,384 pixels.
 *
 * @example
 * ```ts
 * import { contactSheet } from '@steppe/datasets';
 * import { loadDataset } from '@steppe/datasets/node';
 *
 * const { test } = await loadDataset('fashion-mnist-mini');
 * const { shape } = await contactSheet(test, { columns: 5, classes: [0, 9] });
 * console.log(shape); // => [ 62, 152, 1 ]
 * ```
 */
export async function contactSheet(split: AnySplit, options: ContactSheetOptions = {}): Promise<ByteImage> {
  checkSplit('contactSheet', split);
  checkOptions('contactSheet', options, {
    columns: aNumber(count),
    classes: (name, given) => {
      if (!Array.isArray(given) || given.length === 0) throw refusal(name, 'a list of class numbers', given);
    },
  });
  const { columns = 10 } = options;
  const found = firstOf(split.labels, columns);
  const rows = options.classes ?? [...found.keys()].sort((a, b) => a - b);
  if (rows.length === 0) throw new Error('A split without examples has nothing to show.');
  const missing = rows.find((label) => !found.has(label));
  if (missing !== undefined) throw new Error(`There is no example of class ${missing} to show.`);
  const [height, width, channels] = split.shape;
  const across = Math.max(...rows.map((label) => found.get(label)?.length ?? 0));
  const shape = [rows.length * (height + GAP) + GAP, across * (width + GAP) + GAP, channels] as const;
  if (Math.max(shape[0], shape[1]) > LARGEST)
    throw new Error(
      `A sheet of ${shape[0]} x ${shape[1]} pixels is too large, at most ${LARGEST}: name fewer classes or columns.`,
    );
  const pixels = new Uint8Array(shape[0] * shape[1] * channels).fill(255);
  for (const [row, label] of rows.entries())
    for (const [column, example] of (found.get(label) ?? []).entries()) {
      const image = (await imageAt(split, example)).pixels;
      const [top, left] = [GAP + row * (height + GAP), GAP + column * (width + GAP)];
      for (let y = 0; y < height; y += 1)
        pixels.set(
          image.subarray(y * width * channels, (y + 1) * width * channels),
          ((top + y) * shape[1] + left) * channels,
        );
    }
  return { pixels, shape };
}
