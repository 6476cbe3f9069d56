import {
  aNumber,
  type Check,
  checkNumber,
  checkOptions,
  positive,
  type Rule,
  refusal,
  share,
  weight,
} from '@steppe/check';

/** Which part of an image a network sees, and how large: plain data, so that worker threads take it. */
export type View =
  | {
      readonly kind: 'random';
      readonly size: number;
      readonly area: readonly [least: number, most: number];
      readonly aspect: readonly [least: number, most: number];
      readonly flip: number;
    }
  | { readonly kind: 'centre'; readonly size: number; readonly resize: number }
  | { readonly kind: 'whole'; readonly size: number };

/** How `randomResizedCrop` cuts. */
export type RandomResizedCropOptions = {
  /** The least and the most of the image's area. @defaultValue `[0.08, 1]` */
  readonly area?: readonly [least: number, most: number];
  /** The least and the most of width / height. @defaultValue `[3 / 4, 4 / 3]` */
  readonly aspect?: readonly [least: number, most: number];
  /** The probability of a mirror image. @defaultValue 0.5 */
  readonly flip?: number;
};

/** The side of a view in pixels. */
export const sideRule: Rule = ['a whole number from 1 to 4096', (n) => Number.isInteger(n) && n >= 1 && n <= 4096];

const rangeOf =
  (rule: Rule): Check =>
  (name, value) => {
    if (!Array.isArray(value) || value.length !== 2 || !(value[0] <= value[1]))
      throw refusal(name, 'two numbers, the least and the most', value);
    for (const bound of value) checkNumber(name, bound, rule);
  };

const checks = { area: rangeOf(share), aspect: rangeOf(positive), flip: aNumber(weight) };

/**
 * Cuts a rectangle of random area and aspect out of each image, makes a square of it and mirrors every other one: the
 * "Inception-style" crop with which ImageNet is trained on.
 *
 * The area is uniform in [8 %, 100 %] of the image's, the logarithm of width / height uniform between those of 3/4 and
 * 4/3, and the place uniform. After ten rectangles that do not fit it is the largest one at the centre whose aspect
 * does.
 *
 * @param size - The side of the square in pixels; 224 for most networks.
 * @throws When the size is no whole number, or an option is unknown or out of range.
 * @see Szegedy et al., Going deeper with convolutions (CVPR 2015), section 6; torchvision, `RandomResizedCrop`
 *
 * @example
 * ```ts
 * import { randomResizedCrop } from '@steppe/datasets/node';
 *
 * console.log(randomResizedCrop(224).kind, randomResizedCrop(224, { flip: 0 }).size); // => random 224
 * ```
 */
export function randomResizedCrop(size: number, options: RandomResizedCropOptions = {}): View {
  checkNumber('size', size, sideRule);
  checkOptions('randomResizedCrop', options, checks);
  const { area = [0.08, 1], aspect = [3 / 4, 4 / 3], flip = 0.5 } = options;
  return { kind: 'random', size, area, aspect, flip };
}

/**
 * Makes the shorter side of each image `resize` pixels long and cuts the square at its centre: how networks are
 * evaluated on ImageNet.
 *
 * @param size - The side of the square in pixels.
 * @param resizeTo - The shorter side before, at least `size`; by default `size / 0.875`, 256 for 224.
 * @throws When a side is no whole number, or `resizeTo` is less than `size`.
 * @see Krizhevsky et al., ImageNet classification with deep convolutional neural networks (2012); torchvision,
 * `Resize` and `CenterCrop`
 *
 * @example
 * ```ts
 * import { centerCrop } from '@steppe/datasets/node';
 *
 * console.log(centerCrop(224)); // => { kind: 'centre', size: 224, resize: 256 }
 * ```
 */
export function centerCrop(size: number, resizeTo?: number): View {
  checkNumber('size', size, sideRule);
  const resize = resizeTo ?? Math.round(size / 0.875);
  checkNumber('resize', resize, sideRule);
  if (resize < size) throw refusal('resize', `at least the size ${size}`, resize);
  return { kind: 'centre', size, resize };
}

/**
 * Makes a square of each whole image, whatever its sides are: nothing is cut off, and a long one is squeezed.
 *
 * @param size - The side of the square in pixels.
 * @throws When it is no whole number.
 *
 * @example
 * ```ts
 * import { resize } from '@steppe/datasets/node';
 *
 * console.log(resize(32)); // => { kind: 'whole', size: 32 }
 * ```
 */
export function resize(size: number): View {
  checkNumber('size', size, sideRule);
  return { kind: 'whole', size };
}
