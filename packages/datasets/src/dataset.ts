import { refusal, shown } from '@steppe/check';
import type { IndexedImages } from './indexed.ts';
import type { Labels } from './labels.ts';

/** The sides of one image in pixels: height, width, channels. */
export type Shape = readonly [height: number, width: number, channels: number];

/** Mean and standard deviation of each channel, in units of the pixel range [0, 1]. */
export type Normalization = {
  readonly mean: readonly number[];
  readonly std: readonly number[];
};

/** What all labelled images have, however they are kept. */
type Labelled = {
  /** One class number for each image, `[count]`. */
  readonly labels: Labels;
  readonly shape: Shape;
  /** What `batches` subtracts and divides by. */
  readonly normalization: Normalization;
};

/** Labelled images as plain bytes: one half of a dataset, or any part of it. */
export type Split = Labelled & {
  /** Pixels of all images one after the other, `[count, height, width, channels]`. */
  readonly images: Uint8Array;
};

/** Labelled images that are read when a batch needs them, since they may be more than memory holds. */
export type IndexedSplit<Images extends IndexedImages = IndexedImages> = Labelled & {
  readonly images: Images;
  /** Which of the images these are, `[count]`: `slice` and `holdOut` choose among them without reading any. */
  readonly places: Uint32Array;
};

/** Labelled images, in memory or read when a batch needs them: `batches`, `slice` and `holdOut` take either. */
export type AnySplit = Split | IndexedSplit;

/** A named set of labelled images. */
export type Dataset<S extends AnySplit = Split> = {
  /** What was loaded; the shipped subset calls itself `fashion-mnist-mini`, never `fashion-mnist`. */
  readonly name: string;
  /** One line for people: where the images come from, and why from there. */
  readonly source: string;
  /** The name of each class, by class number. */
  readonly classes: readonly string[];
  readonly shape: Shape;
  readonly train: S;
  readonly test: S;
};

/**
 * Tells whether the images of a split are read when a batch needs them, rather than held in memory.
 *
 * @example
 * ```ts
 * import { isIndexed, normalizations } from '@steppe/datasets';
 *
 * const shape = [1, 1, 1] as const;
 * const split = { labels: Uint8Array.of(3), shape, normalization: normalizations.mnist };
 * const images = { count: 1, example: () => ({ pixels: Uint8Array.of(7), shape }) };
 * console.log(isIndexed({ ...split, images, places: Uint32Array.of(0) })); // => true
 * console.log(isIndexed({ ...split, images: Uint8Array.of(7) })); // => false
 * ```
 */
export const isIndexed = (split: AnySplit): split is IndexedSplit =>
  typeof split === 'object' && split !== null && 'places' in split;

/** Refuses what has not the parts of a split. */
export function checkSplit(name: string, split: AnySplit): void {
  const { images, labels, shape, normalization }: Partial<AnySplit> = Object(split);
  if (!(images && labels && shape && normalization))
    throw new Error(`${name} needs a split, { images, labels, shape, normalization }, got ${shown(split)}.`);
  if (!ArrayBuffer.isView(labels)) throw refusal('labels', 'class numbers in a typed array', labels);
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every((side) => Number.isInteger(side) && side > 0))
    throw refusal('shape', '[height, width, channels]', shape);
  const isRead = typeof images === 'object' && 'example' in images && typeof images.example === 'function';
  if (isIndexed(split) ? !isRead : !(images instanceof Uint8Array))
    throw refusal('images', 'bytes, or { count, example } with places', images);
}

/**
 * Cuts a split down to the examples from `start` up to `end` without copying; `holdOut` draws a validation set at random.
 *
 * Both bounds count like those of `Array.prototype.slice`: `end` is left out, negative bounds count from the back.
 *
 * @throws When the split is none, or a bound no number.
 *
 * @example
 * ```ts
 * import { fromIdx, slice } from '@steppe/datasets';
 *
 * const images = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 10, 20, 30]);
 * const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2]);
 * const whole = fromIdx(images, labels);
 * const [first, last] = [slice(whole, 0, -1), slice(whole, -1)];
 * console.log([...first.labels], [...last.images]); // => [ 0, 1 ] [ 30 ]
 * ```
 */
export function slice<S extends AnySplit>(split: S, start: number, end?: number): S {
  checkSplit('slice', split);
  for (const [name, bound] of Object.entries({ start, end }))
    if (bound !== undefined && typeof bound !== 'number') throw refusal(name, 'a number', bound);
  const labels = split.labels.subarray(start, end);
  if (isIndexed(split)) return { ...split, labels, places: split.places.subarray(start, end) };
  const [height, width, channels] = split.shape;
  const size = height * width * channels;
  const { images } = split as Split;
  const first = ((labels.byteOffset - split.labels.byteOffset) / labels.BYTES_PER_ELEMENT) * size;
  return { ...split, labels, images: images.subarray(first, first + labels.length * size) };
}
