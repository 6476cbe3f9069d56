import { aNumber, checkOptions, count as counted } from '@steppe/check';
import { bits, foldIn, type Key } from '@steppe/random';
import { type ByteAugmentation, type ByteImage, described } from '../image.ts';
import { place } from '../place.ts';
import type { FillOptions } from './auto-augment.ts';
import { checkFill, fillOf } from './fill.ts';
import { applyOperation, type OperationName } from './operations.ts';

/** How many levels of strength there are, from 0 to 30. */
const LEVELS = 31;

/** What RandAugment draws from, in the order of torchvision. */
export const drawn: readonly OperationName[] = [
  'identity',
  'shearX',
  'shearY',
  'translateX',
  'translateY',
  'rotate',
  'brightness',
  'color',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'autoContrast',
  'equalize',
];

/** What is drawn for one operation. */
export type OperationDraw = {
  readonly name: OperationName;
  readonly negate: boolean;
};

/** How much RandAugment does. */
export type RandAugmentOptions = FillOptions & {
  /**
   * How many operations, one after the other: N of the paper.
   * @defaultValue 2
   */
  readonly count?: number;
  /**
   * The strength of each, a whole number from 0 to 30: M of the paper.
   * @defaultValue 9
   */
  readonly magnitude?: number;
};

/** Does operations that were drawn. */
export function applyOperations(
  draws: readonly OperationDraw[],
  image: ByteImage,
  magnitude: number,
  fill: number | readonly number[],
  key: Key,
): ByteImage {
  const strength = [magnitude, LEVELS] as const;
  const fills = fillOf(fill, image);
  return draws.reduce(
    (current, { name, negate }, i) =>
      applyOperation(name, current, strength, { negate, fill: fills, key: foldIn(key, i) }),
    image,
  );
}

/**
 * Makes RandAugment: a few operations of 14, each equally likely, all of one strength, so that two numbers are all there
 * is to choose.
 *
 * Operations and strengths are those of torchvision on PIL images, bit for bit. The image has 1 or 3 channels. Give it
 * to `batches` as `augmentBytes`.
 *
 * @throws When an option is unknown or out of range; on use, when an image has other than 1 or 3 channels.
 * @see Cubuk et al., RandAugment: Practical automated data augmentation with a reduced search space (NeurIPS 2020,
 * arXiv 1909.13719), section 3; torchvision.transforms.RandAugment.
 *
 * @example
 * ```ts
 * import { randAugment } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: new Uint8Array(32 * 32 * 3).fill(100), shape: [32, 32, 3] } as const;
 * console.log(randAugment({ count: 3, magnitude: 5 })(key(0), image).shape); // => [ 32, 32, 3 ]
 * ```
 */
export function randAugment(options: RandAugmentOptions = {}): ByteAugmentation {
  checkOptions('randAugment', options, {
    count: aNumber(counted),
    magnitude: aNumber(['a whole number from 0 to 30', (x) => Number.isInteger(x) && x >= 0 && x < LEVELS]),
    fill: checkFill,
  });
  const { count = 2, magnitude = 9, fill = 0 } = options;
  return described('randAugment', [options], (key: Key, image: ByteImage) => {
    const words = bits(key, 2 * count);
    const draws = Array.from({ length: count }, (_, i) => ({
      name: drawn[place(words[2 * i], drawn.length)] as OperationName,
      negate: ((words[2 * i + 1] as number) & 1) === 1,
    }));
    return applyOperations(draws, image, magnitude, fill, key);
  });
}
