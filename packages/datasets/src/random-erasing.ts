import { checkNumber, checkOptions, finite, refusal, weight } from '@steppe/check';
import { foldIn, type Key, normals, uniforms } from '@steppe/random';
import type { Shape } from './dataset.ts';
import { type Augmentation, described, type Image } from './image.ts';
import type { Box } from './place.ts';

/** Which rectangles are erased, and what stands there then. */
export type RandomErasingOptions = {
  /**
   * How probable it is that an image loses a rectangle.
   * @defaultValue 0.5
   */
  readonly probability?: number;
  /**
   * The least and the largest share of the image that is erased.
   * @defaultValue [0.02, 0.33]
   */
  readonly scale?: readonly [least: number, most: number];
  /**
   * The least and the largest height over width.
   * @defaultValue [0.3, 3.3]
   */
  readonly ratio?: readonly [least: number, most: number];
  /**
   * A number, of which 0 is the mean of a normalized image, or `'random'` for normal noise.
   * @defaultValue 0
   */
  readonly value?: number | 'random';
};

/** The options with their defaults. */
export type Erasing = Required<RandomErasingOptions>;

const checkRange = (name: string, given: unknown, most: number): void => {
  const [low, high]: readonly unknown[] = Array.isArray(given) && given.length === 2 ? given : [];
  if (!(typeof low === 'number' && typeof high === 'number' && low > 0 && low <= high && high <= most))
    throw refusal(name, `two numbers, 0 < least <= most${most === 1 ? ' <= 1' : ''}`, given);
};

/** Checks the options of random erasing, and fills in those that are missing. */
export function readErasing(name: string, options: RandomErasingOptions): Erasing {
  checkOptions(name, options, {
    probability: (option, given) => checkNumber(option, given, weight),
    scale: (option, given) => checkRange(option, given, 1),
    ratio: (option, given) => checkRange(option, given, Number.MAX_VALUE),
    value: (option, given) => {
      if (given !== 'random') checkNumber(option, given, finite);
    },
  });
  return { probability: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: 0, ...options };
}

/** Draws the rectangle that an image loses: one of ten that are tried; undefined where none fits or it loses none. */
export function drawErasing(key: Key, { probability, scale, ratio }: Erasing, [height, width]: Shape): Box | undefined {
  const u = uniforms(key, 41);
  if ((u[40] as number) >= probability) return undefined;
  const [flat, tall] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let i = 0; i < 40; i += 4) {
    const [ofArea = 0, ofRatio = 0, ofTop = 0, ofLeft = 0] = u.subarray(i, i + 4);
    const area = height * width * (scale[0] + (scale[1] - scale[0]) * ofArea);
    const aspect = Math.exp(flat + (tall - flat) * ofRatio);
    const [rows, columns] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (rows >= height || columns >= width) continue;
    const [top, left] = [Math.floor(ofTop * (height - rows + 1)), Math.floor(ofLeft * (width - columns + 1))];
    return { top, bottom: top + rows, left, right: left + columns };
  }
  return undefined;
}

/** The noise that stands for an erased image, as many numbers as it has. */
export const erasingNoise = (key: Key, size: number): Float32Array => normals(foldIn(key, 0), size);

/**
 * Makes random erasing: with a probability, a rectangle of random place, area and shape is blanked.
 *
 * @throws When an option is unknown or out of range.
 * @see Zhong et al., Random erasing data augmentation (AAAI 2020, arXiv 1708.04896), algorithm 1;
 * torchvision.transforms.RandomErasing.
 *
 * @example
 * ```ts
 * import { randomErasing } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: new Float32Array(64).fill(1), shape: [8, 8, 1] } as const;
 * const erased = randomErasing({ probability: 1, scale: [0.25, 0.25], ratio: [1, 1] })(key(0), image);
 * console.log(erased.pixels.filter((x) => x === 0).length); // => 16
 * ```
 */
export function randomErasing(options: RandomErasingOptions = {}): Augmentation {
  const erasing = readErasing('randomErasing', options);
  return described('randomErasing', [options], (key: Key, image: Image) => {
    const { pixels, shape } = image;
    const box = drawErasing(key, erasing, shape);
    if (box === undefined) return image;
    const [, width, channels] = shape;
    const out = pixels.slice();
    const noise = erasing.value === 'random' ? erasingNoise(key, pixels.length) : undefined;
    for (let row = box.top; row < box.bottom; row += 1) {
      const [from, to] = [(row * width + box.left) * channels, (row * width + box.right) * channels];
      if (noise) out.set(noise.subarray(from, to), from);
      else out.fill(erasing.value as number, from, to);
    }
    return { pixels: out, shape };
  });
}
