import { aNumber, checkOptions, nonNegative } from '@steppe/check';
import { foldIn, type Key, permutation, uniforms } from '@steppe/random';
import { type ByteAugmentation, type ByteImage, described } from '../image.ts';
import { brightness, color, contrast } from './enhance.ts';
import { hue } from './hue.ts';

/** How far colours are changed at most; 0 changes nothing. */
export type ColorJitterOptions = {
  /**
   * Its factor is uniform in [max(0, 1 - brightness), 1 + brightness].
   * @defaultValue 0
   */
  readonly brightness?: number;
  /**
   * Its factor is uniform in [max(0, 1 - contrast), 1 + contrast].
   * @defaultValue 0
   */
  readonly contrast?: number;
  /**
   * Its factor is uniform in [max(0, 1 - saturation), 1 + saturation].
   * @defaultValue 0
   */
  readonly saturation?: number;
  /**
   * The hue is turned by a share of the circle of colours, uniform in [-hue, hue]; at most one half.
   * @defaultValue 0
   */
  readonly hue?: number;
};

/** The changes, in the order in which torchvision counts them. */
const changes = [brightness, contrast, color, hue] as const;

/** What is drawn for one image: the order of the changes, and the factor of each by its number; undefined for none. */
export type JitterDraw = {
  readonly order: readonly number[];
  readonly factors: readonly (number | undefined)[];
};

/** Draws how the colours of one image change; `most` tells of brightness, contrast, saturation and hue. */
export function drawJitter(key: Key, most: readonly number[]): JitterDraw {
  const u = uniforms(foldIn(key, 0), most.length);
  const factors = most.map((range, i) => {
    if (range === 0) return undefined;
    const [low, high] = i === 3 ? [-range, range] : [Math.max(0, 1 - range), 1 + range];
    return low + (high - low) * (u[i] as number);
  });
  return { order: [...permutation(foldIn(key, 1), most.length)], factors };
}

/** Changes colours by factors that were drawn. */
export const applyJitter = ({ order, factors }: JitterDraw, image: ByteImage): ByteImage =>
  order.reduce((current, i) => {
    const factor = factors[i];
    return factor === undefined ? current : (changes[i] as (typeof changes)[number])(current, factor);
  }, image);

const half = aNumber(['in [0, 0.5]', (x) => x >= 0 && x <= 0.5]);

/** The ranges that options give, in the order of the changes. */
function rangesOf(options: ColorJitterOptions): readonly number[] {
  const { brightness: b = 0, contrast: c = 0, saturation: s = 0, hue: h = 0 } = options;
  return [b, c, s, h];
}

/**
 * Makes a colour jitter: brightness, contrast, saturation and hue of each image change at random, in random order.
 *
 * The formulas are those of torchvision on PIL images, bit for bit. The image has 1 or 3 channels; one channel has
 * neither saturation nor hue. Give it to `batches` as `augmentBytes`.
 *
 * @throws When an option is unknown or out of range; on use, when an image has other than 1 or 3 channels.
 * @see torchvision.transforms.ColorJitter
 *
 * @example
 * ```ts
 * import { colorJitter } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: Uint8Array.of(200, 100, 50), shape: [1, 1, 3] } as const;
 * console.log(colorJitter({ brightness: 0.4, hue: 0.1 })(key(0), image).shape); // => [ 1, 1, 3 ]
 * ```
 */
export function colorJitter(options: ColorJitterOptions): ByteAugmentation {
  const range = aNumber(nonNegative);
  checkOptions('colorJitter', options, { brightness: range, contrast: range, saturation: range, hue: half });
  const most = rangesOf(options);
  return described('colorJitter', [options], (key: Key, image: ByteImage) => applyJitter(drawJitter(key, most), image));
}
