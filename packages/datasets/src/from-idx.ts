import { checkOptions } from '@steppe/check';
import type { Normalization, Split } from './dataset.ts';
import { parseIdx } from './idx.ts';
import { checkLabels } from './labels.ts';
import { normalizations } from './normalize.ts';

/** What an idx pair does not say about itself. */
export type FromIdxOptions = {
  /** @defaultValue 10 */
  readonly classes?: number;
  /** @defaultValue `normalizations.fashionMnist` */
  readonly normalization?: Normalization;
};

/**
 * Makes a split of an idx file of grey images and one of their labels, as a browser fetches them (MNIST's format,
 * unpacked).
 *
 * @param images - The bytes of an idx file with the sides count, height, width.
 * @param labels - The bytes of an idx file with the side count.
 * @throws When either file is damaged, their counts differ, they are empty, or a label names no class.
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
export function fromIdx(images: Uint8Array, labels: Uint8Array, options: FromIdxOptions = {}): Split {
  checkOptions('fromIdx', options, ['classes', 'normalization']);
  const { classes = 10, normalization = normalizations.fashionMnist } = options;
  const pixels = parseIdx(images);
  const classOf = parseIdx(labels);
  const [count, height, width] = pixels.dims;
  if (pixels.dims.length !== 3 || count === undefined || height === undefined || width === undefined)
    throw new Error(`An idx file of images has 3 sides (count, height, width), got ${pixels.dims.length}.`);
  if (classOf.dims.length !== 1)
    throw new Error(`An idx file of labels has 1 side (count), got ${classOf.dims.length}.`);
  if (count !== classOf.data.length)
    throw new Error(`There is one label for each image, got ${count} images and ${classOf.data.length} labels.`);
  if (pixels.data.length === 0) throw new Error(`The idx file of images is empty: ${pixels.dims.join(' x ')}.`);
  checkLabels(classOf.data, classes);
  return { images: pixels.data, labels: classOf.data, shape: [height, width, 1], normalization };
}
