import {
  backend_util,
  broadcast_util,
  GatherV2,
  type GatherV2Attrs,
  Select,
  StridedSlice,
  type StridedSliceAttrs,
  slice_util,
  type Tensor,
  TensorScatterUpdate,
  UnsortedSegmentSum,
  upcastType,
  util,
} from '@tensorflow/tfjs-core';
import { type Correction, correction, none, numbers, type Values } from './correction.ts';

/** The places of the elements of a strided slice of `sizes`. */
function slicePlaces(
  shape: readonly number[],
  begin: readonly number[],
  steps: readonly number[],
  sizes: readonly number[],
): Int32Array {
  let places = new Int32Array(1);
  for (const [d, size] of sizes.entries()) {
    const [start, step, extent] = [begin[d] ?? 0, steps[d] ?? 1, shape[d] ?? 1];
    const next = new Int32Array(places.length * size);
    for (let i = 0; i < next.length; i++)
      next[i] = (places[Math.floor(i / size)] as number) * extent + start + (i % size) * step;
    places = next;
  }
  return places;
}

/** Kernels that pick elements by their places. */
export const placeCorrections: readonly Correction[] = [
  correction<'x', StridedSliceAttrs>(
    StridedSlice,
    'an empty result was refused, and an axis dropped beside steps gave broken shapes',
    (backend, { x }, { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask }) => {
      const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
      const info = slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
      if (x.dtype === 'complex64' || info.isIdentity) return undefined;
      const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides).map((size) => Math.max(0, size));
      const places = slicePlaces(x.shape, info.begin, info.strides, sizes);
      const from = backend.data.get(x.dataId).values as Values;
      const values = Array.isArray(from)
        ? Array.from(places, (place) => from[place] as Uint8Array)
        : from.slice(0, places.length).map((_, i) => from[places[i] as number] as number);
      return backend.makeTensorInfo(info.finalShape, x.dtype, values);
    },
  ),
  correction<'x' | 'indices', GatherV2Attrs>(
    GatherV2,
    'batches of which there are none were refused',
    (backend, { x, indices }, { axis, batchDims }) => {
      const [at = 0] = util.parseAxisParam(axis, x.shape);
      const { outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(
        x as Tensor,
        indices as Tensor,
        at,
        batchDims ?? 0,
      );
      return outputShape.slice(0, at).includes(0) ? none(backend, outputShape, x.dtype) : undefined;
    },
  ),
  correction<'x' | 'segmentIds', { readonly numSegments: number }>(
    UnsortedSegmentSum,
    'an infinity in one segment made the others NaN',
    (backend, { x, segmentIds }, { numSegments }) => {
      if (segmentIds.shape.length !== 1 || x.dtype !== 'float32') return undefined;
      const [, ...rest] = x.shape;
      const [size, values] = [util.sizeFromShape(rest), numbers(backend, x)];
      const sums = new Float64Array(numSegments * size);
      for (const [row, id] of numbers(backend, segmentIds).entries()) {
        if (id < 0 || id >= numSegments) continue;
        for (let i = 0; i < size; i++)
          sums[id * size + i] = (sums[id * size + i] as number) + (values[row * size + i] as number);
      }
      return backend.makeTensorInfo([numSegments, ...rest], 'float32', Float32Array.from(sums));
    },
  ),
  correction<'tensor' | 'indices' | 'updates'>(
    TensorScatterUpdate,
    'the tensor itself was written to',
    (backend, inputs, attrs, stock) => {
      const { shape, dtype, dataId } = inputs.tensor;
      const values = backend.data.get(dataId).values as Values;
      const tensor = backend.makeTensorInfo(shape, dtype, values.slice());
      try {
        return stock({ ...inputs, tensor }, attrs);
      } finally {
        backend.disposeIntermediateTensorInfo(tensor);
      }
    },
  ),
  correction<'condition' | 't' | 'e'>(
    Select,
    'operands of which one is empty gave values from nowhere',
    (backend, { condition, t, e }) => {
      const shapes = [t.shape, e.shape, ...(condition.shape.length < t.shape.length ? [] : [condition.shape])];
      if (!shapes.some((shape) => shape.includes(0))) return undefined;
      const shape = shapes.reduce((all, each) => broadcast_util.assertAndGetBroadcastShape(all, each));
      return shape.includes(0) ? none(backend, shape, upcastType(t.dtype, e.dtype)) : undefined;
    },
  ),
];
