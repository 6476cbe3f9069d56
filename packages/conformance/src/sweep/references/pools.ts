import type { Numbers } from '../program.ts';
import { at, offsetOf, type References, sizeOf, Undecided } from './array.ts';
import { eachTap, spansOf } from './convolutions.ts';
import { type Pad, perAxis } from './windows.ts';

type Sizes = number | readonly number[];
type Rounding = 'floor' | 'ceil' | 'round' | undefined;

/** What each window of a pool holds: its values, and where in the image's batch element they lie. */
function windows(x: Numbers, sizes: Sizes, strides: Sizes, pad: Pad, dilations: Sizes | undefined, mode: Rounding) {
  const sides = x.shape.slice(1, -1);
  const spans = spansOf(sides, perAxis(sizes, sides.length), strides, pad, dilations, mode);
  const shape = [x.shape[0] as number, ...spans.map(({ out }) => out), x.shape.at(-1) as number];
  const held: { value: number; place: number[] }[][] = Array.from({ length: sizeOf(shape) }, () => []);
  eachTap(sides, perAxis(sizes, sides.length), spans, (out, _, place) => {
    for (let n = 0; n < (shape[0] as number); n++)
      for (let c = 0; c < (shape.at(-1) as number); c++)
        held[offsetOf(shape, [n, ...out, c])]?.push({ value: at(x, n, ...place, c), place: [n, ...place, c] });
  });
  return { shape, held };
}

type Kind = 'max' | 'avg';

function pooled(
  kind: Kind,
  x: Numbers,
  sizes: Sizes,
  strides: Sizes,
  pad: Pad,
  dilations?: Sizes,
  mode?: Rounding,
): Numbers {
  const { shape, held } = windows(x, sizes, strides, pad, dilations, mode);
  const of = {
    // NaN is passed over, as tfjs's own specs have it.
    max: (values: number[]) => values.reduce((a, b) => (b > a ? b : a), -Infinity),
    avg: (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length,
  }[kind];
  if (held.some((window) => window.every(({ value }) => Number.isNaN(value))))
    throw new Undecided('a window without a number');
  return { shape, dtype: x.dtype, values: held.map((window) => of(window.map(({ value }) => value))) };
}

export const poolReferences: References = {
  maxPool: (x: Numbers, sizes: Sizes, strides: Sizes, pad: Pad, mode?: Rounding) =>
    pooled('max', x, sizes, strides, pad, 1, mode),
  avgPool: (x: Numbers, sizes: Sizes, strides: Sizes, pad: Pad, mode?: Rounding) =>
    pooled('avg', x, sizes, strides, pad, 1, mode),
  maxPool3d: (x: Numbers, sizes: Sizes, strides: Sizes, pad: Pad, mode?: Rounding) =>
    pooled('max', x, sizes, strides, pad, 1, mode),
  avgPool3d: (x: Numbers, sizes: Sizes, strides: Sizes, pad: Pad, mode?: Rounding) =>
    pooled('avg', x, sizes, strides, pad, 1, mode),
  pool: (x: Numbers, sizes: Sizes, kind: Kind, pad: Pad, dilations?: Sizes, strides?: Sizes, mode?: Rounding) => {
    // TensorFlow and tfjs take the padding's zeros for pixels there.
    if (pad === 'same' && perAxis(dilations, 2).some((d) => d > 1)) throw new Undecided('a dilated pool of a border');
    return pooled(kind, x, sizes, strides ?? 1, pad, dilations, mode);
  },
  maxPoolWithArgmax: (x: Numbers, sizes: Sizes, strides: Sizes, pad: Pad, batched = false) => {
    const { shape, held } = windows(x, sizes, strides, pad, 1, undefined);
    const best = held.map((window) => window.reduce((a, b) => (b.value > a.value ? b : a)));
    return {
      result: { shape, dtype: x.dtype, values: best.map(({ value }) => value) },
      indexes: {
        shape,
        dtype: 'int32' as const,
        values: best.map(({ place }) => offsetOf(x.shape, batched ? place : [0, ...place.slice(1)])),
      },
    };
  },
};
