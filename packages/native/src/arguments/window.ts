import { backend_util } from '@tensorflow/tfjs-core';
import { borders, pair, whole } from './numbers.ts';
import { mostElements, refuse } from './refusal.ts';

type Shape4 = [number, number, number, number];
type Rounding = 'floor' | 'round' | 'ceil';

/** The attributes that place the windows of a convolution or a pool. */
export type Window = {
  readonly strides: number | [number, number];
  readonly dilations?: number | [number, number] | null | undefined;
  readonly pad: Parameters<typeof backend_util.computeConv2DInfo>[4];
  readonly dimRoundingMode?: Rounding | null | undefined;
  readonly dataFormat?: string | undefined;
};

/** Checks a window. @throws When strides, dilations or padding are no sizes: before any backend, since with others
 * those in JavaScript may not end. */
export function checkWindow({ strides, dilations, pad, dimRoundingMode }: Window): void {
  pair('strides', strides);
  if (dilations !== undefined && dilations !== null) pair('dilations', dilations);
  if (typeof pad === 'number') whole('pad', pad);
  else if (typeof pad === 'object') borders('pad', pad, 4);
  else if (pad !== 'same' && pad !== 'valid') refuse('pad', "'same', 'valid', a whole number or four pairs", pad);
  if (dimRoundingMode && !['floor', 'round', 'ceil'].includes(dimRoundingMode))
    refuse('dimRoundingMode', "'floor', 'round' or 'ceil'", dimRoundingMode);
}

/** So many pixels on all four sides. */
const around = (pad: number): backend_util.ExplicitPadding => [
  [0, 0],
  [pad, pad],
  [pad, pad],
  [0, 0],
];

/** The windows over images `[batch, height, width, channels]`, for a filter `[height, width, in, out]`: none where the
 * images are too small for one. */
export function windowOf(
  image: readonly number[],
  filter: readonly number[],
  { strides, dilations, pad, dimRoundingMode }: Window,
  depthwise = false,
): backend_util.Conv2DInfo {
  if (image.length !== 4) refuse('the images', 'of 4 dimensions', `[${image}]`);
  if (filter.length !== 4) refuse('the filter', 'of 4 dimensions', `[${filter}]`);
  if (image[3] !== filter[2]) refuse('the filter', `for the ${image[3]} channels of the images`, `[${filter}]`);
  const info = backend_util.computeConv2DInfo(
    image as Shape4,
    filter as Shape4,
    strides,
    dilations ?? [1, 1],
    // Of a number tfjs lays the windows along the height over both sides.
    typeof pad === 'number' ? around(pad) : pad,
    dimRoundingMode ?? undefined,
    depthwise,
  );
  const { inHeight, inWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } = info;
  const { top, bottom, left, right } = padInfo;
  const widest = Math.max(
    inHeight + top + bottom + effectiveFilterHeight,
    inWidth + left + right + effectiveFilterWidth,
  );
  if (widest > mostElements) refuse('the images with their padding', `at most ${mostElements} wide`, widest);
  // tfjs gives negative extents, and -0, where no window fits.
  const [outHeight, outWidth] = [Math.max(0, info.outHeight), Math.max(0, info.outWidth)];
  const [batch = 0, , , channels = 0] = info.outShape;
  return { ...info, outHeight, outWidth, outShape: [batch, outHeight, outWidth, channels] };
}
