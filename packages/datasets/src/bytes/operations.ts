import type { Key } from '@steppe/random';
import type { Shape } from '../dataset.ts';
import type { ByteImage } from '../image.ts';
import { cut } from './cut.ts';
import { brightness, color, contrast, sharpness } from './enhance.ts';
import type { Fill } from './fill.ts';
import { rotate, shearX, shearY, translateX, translateY } from './geometry.ts';
import { autoContrast, equalize, invert, posterize, solarize } from './look-up.ts';

/** One operation of AutoAugment: what it does by how much, and how much the levels of strength mean. */
type Operation = {
  readonly apply: (image: ByteImage, value: number, fill: Fill, key: Key) => ByteImage;
  /** The value of level 0 … levels - 1 for images of a shape. */
  readonly strengthOf: (level: number, levels: number, shape: Shape) => number;
  /** Whether a coin says if the value is negated. */
  readonly signed: boolean;
};

/** Evenly spaced float32 values from `start` to `end`, counted from the nearer end, as PyTorch does with AVX2. */
const spaced = (start: number, end: number, level: number, levels: number): number => {
  const [first, last] = [Math.fround(start), Math.fround(end)];
  const step = Math.fround(Math.fround(last - first) / (levels - 1));
  return level < Math.floor(levels / 2)
    ? Math.fround(first + step * level)
    : Math.fround(last - step * (levels - 1 - level));
};

const upTo =
  (end: number) =>
  (level: number, levels: number): number =>
    spaced(0, end, level, levels);

const none = (): number => 0;

/** An operation of one strength. */
const plain = (apply: (image: ByteImage) => ByteImage): Operation => ({ apply, strengthOf: none, signed: false });

const enhancing = (apply: (image: ByteImage, factor: number) => ByteImage): Operation => ({
  apply: (image, value) => apply(image, 1 + value),
  strengthOf: upTo(0.9),
  signed: true,
});

/** The name of an operation of AutoAugment and RandAugment. */
export type OperationName =
  | 'identity'
  | 'shearX'
  | 'shearY'
  | 'translateX'
  | 'translateY'
  | 'rotate'
  | 'brightness'
  | 'color'
  | 'contrast'
  | 'sharpness'
  | 'posterize'
  | 'solarize'
  | 'autoContrast'
  | 'equalize'
  | 'invert'
  | 'cut';

/** Every operation by its name; levels mean what they do in torchvision, that of `cut` what it does in AutoAugment. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  identity: plain((image) => image),
  shearX: { apply: shearX, strengthOf: upTo(0.3), signed: true },
  shearY: { apply: shearY, strengthOf: upTo(0.3), signed: true },
  translateX: {
    apply: translateX,
    strengthOf: (l, n, [, width]) => spaced(0, (150 / 331) * width, l, n),
    signed: true,
  },
  translateY: {
    apply: translateY,
    strengthOf: (l, n, [height]) => spaced(0, (150 / 331) * height, l, n),
    signed: true,
  },
  rotate: { apply: rotate, strengthOf: upTo(30), signed: true },
  brightness: enhancing(brightness),
  color: enhancing(color),
  contrast: enhancing(contrast),
  sharpness: enhancing(sharpness),
  posterize: {
    apply: posterize,
    strengthOf: (level, levels) => 8 - Math.round((4 * level) / (levels - 1)),
    signed: false,
  },
  solarize: { apply: solarize, strengthOf: (level, levels) => spaced(255, 0, level, levels), signed: false },
  autoContrast: plain(autoContrast),
  equalize: plain(equalize),
  invert: plain(invert),
  cut: {
    apply: cut,
    strengthOf: (l, n, [height, width]) => ((20 / 32) * Math.min(height, width) * l) / n,
    signed: false,
  },
};

/** Changes an image by an operation of some level of strength. */
export function applyOperation(
  name: OperationName,
  image: ByteImage,
  [level, levels]: readonly [level: number, levels: number],
  { negate, fill, key }: { readonly negate: boolean; readonly fill: Fill; readonly key: Key },
): ByteImage {
  const { apply, strengthOf, signed } = operations[name];
  const value = strengthOf(level, levels, image.shape);
  return apply(image, signed && negate ? -value : value, fill, key);
}
