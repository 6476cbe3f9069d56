import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

export type Rounding = 'floor' | 'round' | 'ceil';
export type Pad = 'valid' | 'same' | number | readonly (readonly [before: number, after: number])[];

/** The windows that slide along one axis of an image. */
export type Along = {
  readonly size: number;
  /** How many windows there are, and how far apart they begin. */
  readonly out: number;
  readonly stride: number;
  /** Their length, holes included. */
  readonly length: number;
  /** How far outside of the image the first one begins, and how much the padding adds after it. */
  readonly before: number;
  readonly after: number;
};

/** How windows are laid over an image. */
export type Layout = {
  readonly strides: number | readonly number[];
  readonly pad: Pad;
  /** `null`, as layers of tfjs write that there are no holes, is 1. */
  readonly dilations?: number | readonly number[] | null;
  readonly dimRoundingMode?: Rounding;
};

const along = (size: number, out: number, stride: number, length: number, before = 0, after = 0): Along => ({
  size,
  out,
  stride,
  length,
  before,
  after,
});

type Sizes = [number, number, number, number, number];
type Shape2D = [number, number, number, number];

/**
 * The windows along height and width of a filter on [batch, height, width, channels].
 *
 * @param out - How many there are, as what came out shows. Of a padding by a number, tfjs counts those along the width by
 * the filter's height and the stride along the height; backends that are put right do not.
 */
export function over2d(
  image: readonly number[],
  filter: readonly number[],
  layout: Layout,
  out: readonly number[],
): readonly Along[] {
  const { strides, pad, dimRoundingMode } = layout;
  const dilations = layout.dilations ?? 1;
  const by = (padding: Pad): readonly Along[] => {
    const info = tf.backend_util.computeConv2DInfo(
      image as Shape2D,
      filter as Shape2D,
      strides as number,
      dilations as number,
      padding as 'valid',
      dimRoundingMode,
    );
    const { top, bottom, left, right } = info.padInfo;
    return [
      along(info.inHeight, info.outHeight, info.strideHeight, info.effectiveFilterHeight, top, bottom),
      along(info.inWidth, info.outWidth, info.strideWidth, info.effectiveFilterWidth, left, right),
    ];
  };
  if (typeof pad !== 'number') return by(pad);
  const none = [0, 0] as const;
  const own = by([none, [pad, pad], [pad, pad], none]);
  return own.every((axis, i) => Math.max(0, axis.out) === out[i]) ? own : by(pad);
}

/** The windows along depth, height and width of a filter on [batch, depth, height, width, channels]. */
export function over3d(image: readonly number[], filter: readonly number[], layout: Layout): readonly Along[] {
  const { strides, pad, dimRoundingMode } = layout;
  const dilations = layout.dilations ?? 1;
  const info = tf.backend_util.computeConv3DInfo(
    image as Sizes,
    filter as Sizes,
    strides as number,
    dilations as number,
    pad as 'valid',
    false,
    'channelsLast',
    dimRoundingMode,
  );
  // Where strides are longer than windows, tfjs pads by less than nothing.
  const { front, back, top, bottom, left, right } = info.padInfo;
  const [fore, aft] = [[front, top, left] as const, [back, bottom, right] as const].map((sides) =>
    sides.map((side) => Math.max(0, side)),
  ) as [number[], number[]];
  return [
    along(info.inDepth, info.outDepth, info.strideDepth, info.effectiveFilterDepth, fore[0], aft[0]),
    along(info.inHeight, info.outHeight, info.strideHeight, info.effectiveFilterHeight, fore[1], aft[1]),
    along(info.inWidth, info.outWidth, info.strideWidth, info.effectiveFilterWidth, fore[2], aft[2]),
  ];
}

/**
 * Whether there are windows, as many as padding and stride give, and where tfjs has them: the only case that every
 * kernel of every backend knows.
 */
export const isPlain = (windows: readonly Along[], { dimRoundingMode = 'floor', pad }: Layout): boolean =>
  dimRoundingMode === 'floor' &&
  windows.every(({ size, out, stride, length, before, after }) => {
    const left = before + size + after - length - (out - 1) * stride;
    const square = stride === windows[0]?.stride && length === windows[0]?.length;
    const known = pad === 'same' ? windows.length === 2 || stride <= length : typeof pad !== 'number' || square;
    return known && out > 0 && before >= 0 && left >= 0 && left < stride;
  });

/** What to add at the borders of an image, or to cut off where it is negative, so that the windows just cover it. */
export type Fit = readonly (readonly [before: number, after: number])[];

/** @returns The fit of [batch, ...spatial axes, channels]. */
export const fitOf = (windows: readonly Along[]): Fit => [
  [0, 0],
  ...windows.map(
    ({ size, out, stride, length, before }) => [before, (out - 1) * stride + length - size - before] as const,
  ),
  [0, 0],
];

/** Pads with `value` where the fit is positive, then cuts off where it is negative. */
export function fitted(x: Tensor, fit: Fit, value = 0): Tensor {
  const added = fit.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
  const padded = added.flat().some((n) => n > 0) ? tf.pad(x, added, value) : x;
  const cut = fit.map(([before, after]) => [Math.max(0, -before), Math.max(0, -after)] as const);
  if (cut.flat().every((n) => n === 0)) return padded;
  const begin = cut.map(([before]) => before);
  return tf.slice(
    padded,
    begin,
    padded.shape.map((size, axis) => size - (cut[axis]?.[0] ?? 0) - (cut[axis]?.[1] ?? 0)),
  );
}

/** The gradient for an image, of that for the fitted one. */
export const unfitted = (dx: Tensor, fit: Fit): Tensor =>
  fitted(
    dx,
    fit.map(([before, after]) => [-before, -after] as const),
  );

/** The shape of an image that is fitted. */
export const fittedShape = (shape: readonly number[], fit: Fit): number[] =>
  shape.map((size, axis) => size + (fit[axis]?.[0] ?? 0) + (fit[axis]?.[1] ?? 0));
