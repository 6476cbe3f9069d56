import { _FusedMatMul, BatchMatMul, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { repeatedPlaces } from './broadcast.ts';
import { type Compute, type Correction, type CpuBackend, correction, numbers } from './correction.ts';

type Attributes = {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly leakyreluAlpha?: number;
};

/** The matrices of x, repeated for every batch of a larger tensor. */
function repeated(backend: CpuBackend, x: TensorInfo, batches: readonly number[]): TensorInfo {
  const matrix = x.shape.slice(-2);
  const [size, from] = [util.sizeFromShape(matrix), numbers(backend, x)];
  const places = repeatedPlaces(x.shape.slice(0, -2), batches);
  const values = new Float32Array(places.length * size);
  for (const [i, place] of places.entries()) values.set(from.subarray(place * size, (place + 1) * size), i * size);
  return backend.makeTensorInfo([...batches, ...matrix], x.dtype, values);
}

/** The product of int32 matrices modulo 2³², which float64 cannot hold. */
function wrapped(backend: CpuBackend, a: TensorInfo, b: TensorInfo, attrs: Attributes): TensorInfo {
  const batches = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [rowsA = 0, columnsA = 0] = a.shape.slice(-2);
  const [rowsB = 0, columnsB = 0] = b.shape.slice(-2);
  const [m, k, stepM, stepA] = attrs.transposeA ? [columnsA, rowsA, 1, columnsA] : [rowsA, columnsA, columnsA, 1];
  const [n, stepB, stepN] = attrs.transposeB ? [rowsB, 1, columnsB] : [columnsB, columnsB, 1];
  const [x, y] = [numbers(backend, a), numbers(backend, b)];
  const [placesA, placesB] = [a, b].map(({ shape }) => repeatedPlaces(shape.slice(0, -2), batches));
  const out = new Int32Array(util.sizeFromShape(batches) * m * n);
  let at = 0;
  for (const [batch, place] of placesA?.entries() ?? []) {
    const [startA, startB] = [place * m * k, (placesB?.[batch] ?? 0) * k * n];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++, at++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          const [left, right] = [x[startA + i * stepM + l * stepA], y[startB + l * stepB + j * stepN]];
          sum = (sum + Math.imul(left as number, right as number)) | 0;
        }
        out[at] = sum;
      }
  }
  return backend.makeTensorInfo([...batches, m, n], 'int32', out);
}

/** Whether all matrices of x are those of a whole batch in order, or one for all: this the stock kernel takes. */
const whole = (x: TensorInfo, batches: readonly number[]): boolean => {
  const [own, all] = [util.sizeFromShape(x.shape.slice(0, -2)), util.sizeFromShape([...batches])];
  return own === all || (own === 1 && all !== 0);
};

const product: Compute<'a' | 'b', Attributes> = (backend, inputs, attrs, stock) => {
  const { a, b } = inputs;
  const batches = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || (whole(a, batches) && whole(b, batches))) return undefined;
  const [left, right] = [a, b].map((x) => repeated(backend, x, batches)) as [TensorInfo, TensorInfo];
  try {
    return stock({ ...inputs, a: left, b: right }, attrs);
  } finally {
    for (const each of [left, right]) backend.disposeIntermediateTensorInfo(each);
  }
};

const fits = ({ a, b }: { readonly a: TensorInfo; readonly b: TensorInfo }, attrs: Attributes): boolean =>
  a.shape.at(attrs.transposeA ? -2 : -1) === b.shape.at(attrs.transposeB ? -1 : -2);

const wrong = 'batches that broadcast partly gave too few products';

/** Products of batches of matrices. */
export const matMulCorrections: readonly Correction[] = [
  correction<'a' | 'b', Attributes>(
    BatchMatMul,
    `${wrong}, empty ones NaN; int32 lost digits beyond 2⁵³`,
    (backend, inputs, attrs, stock) =>
      inputs.a.dtype === 'int32' && inputs.b.dtype === 'int32' && fits(inputs, attrs)
        ? wrapped(backend, inputs.a, inputs.b, attrs)
        : product(backend, inputs, attrs, stock),
  ),
  correction<'a' | 'b', Attributes>(
    _FusedMatMul,
    `${wrong}; leakyrelu without its alpha gave NaN, now 0.2`,
    (backend, inputs, given, stock) => {
      const attrs = { ...given, leakyreluAlpha: given.leakyreluAlpha ?? 0.2 };
      return product(backend, inputs, attrs, stock) ?? stock(inputs, attrs);
    },
  ),
];
