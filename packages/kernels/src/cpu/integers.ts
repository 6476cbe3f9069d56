import {
  backend_util,
  broadcast_util,
  Cumprod,
  Cumsum,
  Multiply,
  Pow,
  Prod,
  Square,
  SquaredDifference,
  util,
} from '@tensorflow/tfjs-core';
import { repeatedPlaces } from './broadcast.ts';
import { type Correction, correction, numbers } from './correction.ts';

type Axes = { readonly axis: number | number[]; readonly keepDims: boolean };
type Scan = { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

const wrong = 'int32 that overflows lost its low digits; it wraps modulo 2³²';
const fromTheEnd = 'an axis counted from the end gave an undefined extent';

/** aᵇ modulo 2³² for whole numbers; of a negative power, the whole part of the fraction, and 0 where a = 0. */
function power(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b & 1 ? -1 : 1) : 0;
  let result = 1;
  for (let base = a, left = b; left > 0; left >>= 1, base = Math.imul(base, base))
    if (left & 1) result = Math.imul(result, base);
  return result;
}

const difference = (a: number, b: number): number => Math.imul((a - b) | 0, (a - b) | 0);

const binary = (kernel: string, operation: (a: number, b: number) => number): Correction =>
  correction<'a' | 'b'>(kernel, wrong, (backend, { a, b }) => {
    if (a.dtype !== 'int32' || b.dtype !== 'int32') return undefined;
    const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const [x, y] = [numbers(backend, a), numbers(backend, b)];
    const [placesX, placesY] = [repeatedPlaces(a.shape, shape), repeatedPlaces(b.shape, shape)];
    const out = new Int32Array(placesX.length);
    for (let i = 0; i < out.length; i++)
      out[i] = operation(x[placesX[i] as number] as number, y[placesY[i] as number] as number);
    return backend.makeTensorInfo(shape, 'int32', out);
  });

/** A place for each element of x: the same for elements that differ along the reduced axes only. */
const cells = (shape: readonly number[], axes: readonly number[]): Int32Array => {
  const kept = shape.map((extent, d) => (axes.includes(d) ? 1 : extent));
  return repeatedPlaces(kept, shape);
};

/** Whole numbers that wrap around. */
export const integerCorrections: readonly Correction[] = [
  binary(Multiply, Math.imul),
  binary(SquaredDifference, difference),
  binary(Pow, power),
  correction<'x'>(Square, wrong, (backend, { x }) => {
    if (x.dtype !== 'int32') return undefined;
    return backend.makeTensorInfo(
      x.shape,
      'int32',
      Int32Array.from(numbers(backend, x), (a) => Math.imul(a, a)),
    );
  }),
  correction<'x', Axes>(Prod, wrong, (backend, { x }, { axis, keepDims }) => {
    if (x.dtype !== 'int32') return undefined;
    const axes = util.parseAxisParam(axis, x.shape);
    const [kept] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const out = new Int32Array(util.sizeFromShape(kept)).fill(1);
    const values = numbers(backend, x);
    for (const [i, to] of cells(x.shape, axes).entries()) out[to] = Math.imul(out[to] as number, values[i] as number);
    return backend.makeTensorInfo(keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept, 'int32', out);
  }),
  correction<'x', Scan>(Cumsum, fromTheEnd, (_, { x }, attrs, stock) =>
    attrs.axis < 0 ? stock({ x }, { ...attrs, axis: attrs.axis + x.shape.length }) : undefined,
  ),
  correction<'x', Scan>(Cumprod, `${fromTheEnd}; ${wrong}`, (backend, { x }, attrs, stock) => {
    const axis = attrs.axis < 0 ? attrs.axis + x.shape.length : attrs.axis;
    if (x.dtype !== 'int32' || x.shape.length === 0)
      return axis === attrs.axis ? undefined : stock({ x }, { ...attrs, axis });
    const { exclusive, reverse } = attrs;
    const axes = [axis];
    const values = numbers(backend, x);
    const places = cells(x.shape, axes);
    const products = new Int32Array(values.length).fill(1);
    const out = new Int32Array(values.length);
    for (let step = 0; step < values.length; step++) {
      const i = reverse ? values.length - 1 - step : step;
      const cell = places[i] as number;
      const before = products[cell] as number;
      products[cell] = Math.imul(before, values[i] as number);
      out[i] = exclusive ? before : (products[cell] as number);
    }
    return backend.makeTensorInfo(x.shape, 'int32', out);
  }),
];
