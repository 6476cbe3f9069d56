import { aNumber, checkOptions, oneOf } from '@steppe/check';
import type { Normalization, Split } from './dataset.ts';
import { labelsOfIdx, parseIdx } from './idx.ts';
import { checkLabels, classesFrom } from './labels.ts';
import { checkNormalization, normalizations } from './normalize.ts';

/** What an idx pair does not say about itself. */
export type FromIdxOptions = {
  /** @defaultValue 10 */
  readonly classes?: number;
  /** The label of the first class: 1 for the letters of EMNIST. @defaultValue 0 */
  readonly firstLabel?: number;
  /** Whether rows and columns are exchanged in the file, as in those of EMNIST. @defaultValue false */
  readonly transposed?: boolean;
  /** @defaultValue `normalizations.fashionMnist` */
  readonly normalization?: Normalization;
};

const checks = {
  classes: aNumber(classesFrom(1)),
  firstLabel: aNumber(['a whole number', Number.isInteger]),
  transposed: oneOf(true, false),
  normalization: checkNormalization,
};

/** Exchanges rows and columns of every image; `height` and `width` are those of the result. */
function transpose(images: Uint8Array, height: number, width: number): Uint8Array {
  const out = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += height * width)
    for (let row = 0; row < height; row += 1)
      for (let column = 0; column < width; column += 1)
        out[start + row * width + column] = images[start + column * height + row] as number;
  return out;
}

/**
 * Makes a split of an idx file of grey images and one of their labels, as a browser fetches them (MNIST's format,
 * unpacked).
 *
 * @param images - The bytes of an idx file with the sides count, height, width.
 * @param labels - The bytes of an idx file with the side count; or of int32, with the sides count and any other, whose
 * first column is the label (QMNIST).
 * @throws When either file is no bytes or damaged, an option is unknown, their counts differ, they are empty, or a label
 * names no class.
 *
 * @example
 * ```ts
 * import { fromIdx } from '@steppe/datasets';
 *
 * const images = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]);
 * const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 9]);
 * console.log(fromIdx(images, labels).shape); // => [ 2, 2, 1 ]
 * ```
 */
export function fromIdx(
  images: Uint8Array | ArrayBuffer,
  labels: Uint8Array | ArrayBuffer,
  options: FromIdxOptions = {},
): Split {
  checkOptions('fromIdx', options, checks);
  const { classes = 10, firstLabel = 0, transposed = false, normalization = normalizations.fashionMnist } = options;
  const pixels = parseIdx(images);
  const [count, rows, columns] = pixels.dims;
  if (pixels.dims.length !== 3 || count === undefined || rows === undefined || columns === undefined)
    throw new Error(`An idx file of images has 3 sides (count, height, width), got ${pixels.dims.length}.`);
  const classOf = labelsOfIdx(labels);
  if (count !== classOf.length)
    throw new Error(`There is one label for each image, got ${count} images and ${classOf.length} labels.`);
  if (pixels.data.length === 0) throw new Error(`The idx file of images is empty: ${pixels.dims.join(' x ')}.`);
  checkLabels(classOf, classes, firstLabel);
  const [height, width] = transposed ? [columns, rows] : [rows, columns];
  return {
    images: transposed ? transpose(pixels.data, height, width) : pixels.data,
    labels:
      classOf instanceof Uint8Array && firstLabel === 0 ? classOf : Uint8Array.from(classOf, (y) => y - firstLabel),
    shape: [height, width, 1],
    normalization,
  };
}
