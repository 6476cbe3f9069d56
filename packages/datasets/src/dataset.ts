import { shown } from '@steppe/check';

/** The sides of one image in pixels: height, width, channels. */
export type Shape = readonly [height: number, width: number, channels: number];

/** Mean and standard deviation of each channel, in units of the pixel range [0, 1]. */
export type Normalization = {
  readonly mean: readonly number[];
  readonly std: readonly number[];
};

/** Labelled images as plain bytes: one half of a dataset, or any part of it. */
export type Split = {
  /** Pixels of all images one after the other, `[count, height, width, channels]`. */
  readonly images: Uint8Array;
  /** One class number for each image, `[count]`. */
  readonly labels: Uint8Array;
  readonly shape: Shape;
  /** What `batches` subtracts and divides by. */
  readonly normalization: Normalization;
};

/** A named set of labelled images, all in memory. */
export type Dataset = {
  /** What was loaded; the shipped subset calls itself `fashion-mnist-mini`, never `fashion-mnist`. */
  readonly name: string;
  /** One line for people: where the images come from, and why from there. */
  readonly source: string;
  /** The name of each class, by class number. */
  readonly classes: readonly string[];
  readonly shape: Shape;
  readonly train: Split;
  readonly test: Split;
};

/** Refuses what has not the parts of a split. */
export function checkSplit(name: string, split: Split): void {
  const { images, labels, shape, normalization }: Partial<Split> = Object(split);
  if (!(images && labels && shape && normalization))
    throw new Error(`${name} needs a split, { images, labels, shape, normalization }, got ${shown(split)}.`);
}

/**
 * Cuts a split down to the examples from `start` up to `end` without copying; `holdOut` draws a validation set at random.
 *
 * Both bounds count like those of `Array.prototype.slice`: `end` is left out, negative bounds count from the back.
 *
 * @throws When the split is none.
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
export function slice(split: Split, start: number, end?: number): Split {
  checkSplit('slice', split);
  const [height, width, channels] = split.shape;
  const size = height * width * channels;
  const labels = split.labels.subarray(start, end);
  const first = (labels.byteOffset - split.labels.byteOffset) * size;
  return { ...split, labels, images: split.images.subarray(first, first + labels.length * size) };
}
