import {
  All,
  BatchToSpaceND,
  type BatchToSpaceNDAttrs,
  backend_util,
  type DataType,
  Max,
  Mean,
  Min,
  util,
} from '@tensorflow/tfjs-core';
import { type Correction, correction, none, type Values } from './correction.ts';

type Axes = {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims: boolean;
};

const reduction = (kernel: string, wrong: string, value: (dtype: DataType) => number): Correction =>
  correction<'x', Axes>(kernel, `of nothing ${wrong}`, (backend, { x }, { axis, reductionIndices, keepDims }) => {
    const axes = util.parseAxisParam((axis ?? reductionIndices) as number[], x.shape);
    const [kept, reduced] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    if (!reduced.includes(0)) return undefined;
    const dtype = kernel === Mean ? 'float32' : x.dtype;
    const values = util.getTypedArrayFromDType(dtype as 'float32', util.sizeFromShape(kept)).fill(value(dtype));
    const shape = keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
    return backend.makeTensorInfo(shape, dtype, values as Values);
  });

const least = (dtype: DataType): number =>
  dtype === 'int32' ? -(2 ** 31) : dtype === 'bool' ? 0 : Number.NEGATIVE_INFINITY;
const most = (dtype: DataType): number =>
  dtype === 'int32' ? 2 ** 31 - 1 : dtype === 'bool' ? 1 : Number.POSITIVE_INFINITY;

/** What comes of no elements. */
export const emptyCorrections: readonly Correction[] = [
  reduction(Max, 'was NaN or 0, not the least number', least),
  reduction(Min, 'was NaN or 0, not the greatest number', most),
  reduction(All, 'was false', () => 1),
  reduction(Mean, 'was 0, not NaN', () => Number.NaN),
  correction<'x', BatchToSpaceNDAttrs>(
    BatchToSpaceND,
    'cutting off more than there is gave negative extents, now an empty result',
    (backend, { x }, { blockShape, crops }) => {
      const [batch = 0, ...rest] = x.shape;
      const cut = rest.map((extent, d) => {
        const [before = 0, after = 0] = crops[d] ?? [];
        return extent * (blockShape[d] ?? 1) - before - after;
      });
      if (cut.every((extent) => extent >= 0)) return undefined;
      return none(backend, [batch / util.sizeFromShape([...blockShape]), ...cut.map((n) => Math.max(0, n))], x.dtype);
    },
  ),
];
