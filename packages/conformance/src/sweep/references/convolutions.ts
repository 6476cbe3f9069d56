import type { Numbers } from '../program.ts';
import { at, eachIndex, offsetOf, type References, sizeOf, Undecided } from './array.ts';
import { type Pad, perAxis, placeOf, type Span, spanOf } from './windows.ts';

type Sizes = number | readonly number[];
type Rounding = 'floor' | 'ceil' | 'round' | undefined;

const zeros = (shape: readonly number[]): { shape: number[]; dtype: 'float32'; values: number[] } => ({
  shape: [...shape],
  dtype: 'float32',
  values: Array.from({ length: sizeOf(shape) }, () => 0),
});

/** The spans of an image [batch, ...sides, channels]. */
const spansOf = (
  sides: readonly number[],
  sizes: readonly number[],
  strides: Sizes,
  pad: Pad,
  dilations: Sizes | undefined,
  mode: Rounding,
): Span[] => {
  const [stride, dilation] = [perAxis(strides, sides.length), perAxis(dilations, sides.length)];
  return sides.map((side, k) =>
    spanOf(side, sizes[k] as number, stride[k] as number, dilation[k] as number, pad, k + 1, mode),
  );
};

/** Visits each pair of an output place and an entry of its window that lies in the image. */
function eachTap(
  sides: readonly number[],
  sizes: readonly number[],
  spans: readonly Span[],
  visit: (out: readonly number[], entry: readonly number[], place: readonly number[]) => void,
): void {
  const outs = spans.map(({ out }) => out);
  eachIndex(outs, (out) =>
    eachIndex(sizes, (entry) => {
      const place = spans.map((span, k) => placeOf(span, out[k] as number, entry[k] as number, sides[k] as number));
      if (!place.includes(-1)) visit([...out], [...entry], place);
    }),
  );
}

/** Convolution of any number of sides, channels last. */
function convolve(x: Numbers, filter: Numbers, strides: Sizes, pad: Pad, dilations?: Sizes, mode?: Rounding): Numbers {
  const [batch, ...rest] = x.shape as number[];
  const sides = rest.slice(0, -1);
  const sizes = filter.shape.slice(0, sides.length);
  const [channels, features] = filter.shape.slice(-2) as [number, number];
  const spans = spansOf(sides, sizes, strides, pad, dilations, mode);
  const y = zeros([batch as number, ...spans.map(({ out }) => out), features]);
  eachTap(sides, sizes, spans, (out, entry, place) => {
    for (let n = 0; n < (batch as number); n++)
      for (let f = 0; f < features; f++) {
        const to = offsetOf(y.shape, [n, ...out, f]);
        for (let c = 0; c < channels; c++)
          y.values[to] = (y.values[to] as number) + at(x, n, ...place, c) * at(filter, ...entry, c, f);
      }
  });
  return y;
}

/** The transpose of a convolution: its gradient for an image of the given shape. */
function transposed(
  y: Numbers,
  filter: Numbers,
  shape: readonly number[],
  strides: Sizes,
  pad: Pad,
  mode?: Rounding,
): Numbers {
  const sides = shape.slice(1, -1);
  const sizes = filter.shape.slice(0, sides.length);
  const [channels, features] = filter.shape.slice(-2) as [number, number];
  const x = zeros(shape);
  eachTap(sides, sizes, spansOf(sides, sizes, strides, pad, 1, mode), (out, entry, place) => {
    for (let n = 0; n < (shape[0] as number); n++)
      for (let c = 0; c < channels; c++) {
        const to = offsetOf(x.shape, [n, ...place, c]);
        for (let f = 0; f < features; f++)
          x.values[to] = (x.values[to] as number) + at(y, n, ...out, f) * at(filter, ...entry, c, f);
      }
  });
  return x;
}

/** A two-dimensional operation whose every output channel has its own window. */
function channelwise(
  x: Numbers,
  sizes: readonly number[],
  spans: readonly Span[],
  channels: number,
  start: number,
  combine: (total: number, n: number, entry: readonly number[], place: readonly number[], channel: number) => number,
): Numbers {
  const sides = x.shape.slice(1, 3);
  const y = zeros([x.shape[0] as number, ...spans.map(({ out }) => out), channels]);
  y.values.fill(start);
  eachTap(sides, sizes, spans, (out, entry, place) => {
    for (let n = 0; n < (x.shape[0] as number); n++)
      for (let c = 0; c < channels; c++) {
        const to = offsetOf(y.shape, [n, ...out, c]);
        y.values[to] = combine(y.values[to] as number, n, entry, place, c);
      }
  });
  return y;
}

const move = ({ shape, dtype, values }: Numbers, order: readonly number[]): Numbers => {
  const to = order.map((k) => shape[k] as number);
  const moved: number[] = [];
  eachIndex(to, (index) => {
    const from = shape.map(() => 0);
    for (const [k, axis] of order.entries()) from[axis] = index[k] as number;
    moved.push(values[offsetOf(shape, from)] as number);
  });
  return { shape: to, dtype, values: moved };
};

const swapped = (pad: Pad): Pad => (Array.isArray(pad) ? [pad[0], pad[2], pad[3], pad[1]] : pad);

export const convolutionReferences: References = {
  conv1d: (x: Numbers, w: Numbers, stride: number, pad: Pad, _: 'NWC', dilation = 1) =>
    convolve(x, w, stride, pad, dilation),
  conv2d: (
    x: Numbers,
    w: Numbers,
    strides: Sizes,
    pad: Pad,
    format: 'NHWC' | 'NCHW' = 'NHWC',
    dilations: Sizes = 1,
    mode?: Rounding,
  ) =>
    format === 'NHWC'
      ? convolve(x, w, strides, pad, dilations, mode)
      : move(convolve(move(x, [0, 2, 3, 1]), w, strides, swapped(pad), dilations, mode), [0, 3, 1, 2]),
  conv3d: (x: Numbers, w: Numbers, strides: Sizes, pad: Pad, _: 'NDHWC', dilations: Sizes = 1) =>
    convolve(x, w, strides, pad, dilations),
  conv2dTranspose: (y: Numbers, w: Numbers, shape: readonly number[], strides: Sizes, pad: Pad, mode?: Rounding) =>
    transposed(y, w, shape, strides, pad, mode),
  conv3dTranspose: (y: Numbers, w: Numbers, shape: readonly number[], strides: Sizes, pad: Pad) =>
    transposed(y, w, shape, strides, pad),
  depthwiseConv2d: (
    x: Numbers,
    w: Numbers,
    strides: Sizes,
    pad: Pad,
    _: 'NHWC',
    dilations: Sizes = 1,
    mode?: Rounding,
  ) => {
    const [channels, multiplier] = w.shape.slice(-2) as [number, number];
    const sizes = w.shape.slice(0, 2);
    const spans = spansOf(x.shape.slice(1, 3), sizes, strides, pad, dilations, mode);
    return channelwise(x, sizes, spans, channels * multiplier, 0, (total, n, entry, place, k) => {
      const [c, m] = [Math.floor(k / multiplier), k % multiplier];
      return total + at(x, n, ...place, c) * at(w, ...entry, c, m);
    });
  },
  dilation2d: (x: Numbers, w: Numbers, strides: Sizes, pad: Pad, dilations: Sizes = 1) => {
    const sizes = w.shape.slice(0, 2);
    const spans = spansOf(x.shape.slice(1, 3), sizes, strides, pad, dilations, undefined);
    const y = channelwise(x, sizes, spans, x.shape[3] as number, -Infinity, (total, n, entry, place, c) => {
      const value = at(x, n, ...place, c) + at(w, ...entry, c);
      // NaN is passed over, as in TensorFlow.
      return value > total ? value : total;
    });
    if (y.values.includes(-Infinity)) throw new Undecided('a window beside the image');
    return y;
  },
};

export { eachTap, spansOf };
