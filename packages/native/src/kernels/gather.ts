import {
  backend_util,
  type CumsumAttrs,
  type GatherV2Attrs,
  type OneHotAttrs,
  type UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { axisOf } from '../arguments/axes.ts';
import { whole } from '../arguments/numbers.ts';
import { mostElements } from '../arguments/refusal.ts';
import { equalShapes, shaped, sized } from '../arguments/tensors.ts';
import { bytesPerElement, isNumeric, sizeOf, valuesOf } from '../memory/data.ts';
import { check, type Kernel, kernel, outOfRange, type Runtime, typeCode } from '../runtime.ts';

/** Kernels that pick, spread or accumulate by index, and the choice between two tensors. */
export function gatherKernels(runtime: Runtime): Kernel[] {
  const { library, storage } = runtime;
  const cumulative = (name: string, product: number): Kernel =>
    kernel<'x', CumsumAttrs>(name, ({ x }, { axis, exclusive, reverse }) => {
      const type = typeCode(x.dtype);
      const at = axisOf(axis, x.shape.length);
      if (type === undefined || x.dtype === 'bool') return undefined;
      const { address } = storage.get(x.dataId);
      const y = storage.output(x.shape, x.dtype);
      const inner = sizeOf(x.shape.slice(at + 1));
      const to = storage.get(y.dataId).address;
      check(
        library.steppe_cumulate(
          address,
          to,
          type,
          product,
          exclusive ? 1 : 0,
          reverse ? 1 : 0,
          sizeOf(x.shape.slice(0, at)),
          x.shape[at] ?? 1,
          inner,
        ),
      );
      return y;
    });
  return [
    cumulative('Cumsum', 0),
    cumulative('Cumprod', 1),
    kernel<'x' | 'indices', GatherV2Attrs>('GatherV2', ({ x, indices }, { axis, batchDims }) => {
      const at = axisOf(axis, x.shape.length);
      whole('batchDims', batchDims ?? 0, -mostElements);
      if (!isNumeric(x.dtype) || indices.dtype !== 'int32') return undefined;
      const extent = x.shape[at] ?? 0;
      const places = sizeOf(indices.shape);
      if (library.steppe_check_index(storage.get(indices.dataId).address, places, extent) === outOfRange) {
        const index = valuesOf(storage.get(indices.dataId)) as Int32Array;
        const outside = index.find((i) => i < 0 || i >= extent);
        throw new Error(`GatherV2: the index value ${outside} is not in [0, ${extent - 1}]`);
      }
      const info = backend_util.segment_util.collectGatherOpShapeInfo(
        x as Parameters<typeof backend_util.segment_util.collectGatherOpShapeInfo>[0],
        indices as Parameters<typeof backend_util.segment_util.collectGatherOpShapeInfo>[1],
        at,
        batchDims ?? 0,
      );
      const from = storage.get(x.dataId).address;
      const by = storage.get(indices.dataId).address;
      const y = storage.output(info.outputShape, x.dtype);
      const count = info.batchSize === 0 ? 0 : places / info.batchSize;
      const bytes = info.sliceSize * bytesPerElement(x.dtype);
      check(
        library.steppe_gather(
          from,
          by,
          storage.get(y.dataId).address,
          info.batchSize,
          info.outerSize,
          info.dimSize,
          count,
          bytes,
        ),
      );
      return y;
    }),
    kernel<'x' | 'segmentIds', UnsortedSegmentSumAttrs>('UnsortedSegmentSum', ({ x, segmentIds }, { numSegments }) => {
      whole('numSegments', numSegments, 1);
      const [rows = 0] = segmentIds.shape;
      // Ids of more dimensions mean something else on the JavaScript backend, which is the measure.
      const each = segmentIds.shape.length === 1 && rows === x.shape[0] && rows > 0;
      if (!each || x.dtype !== 'float32' || segmentIds.dtype !== 'int32') return undefined;
      const from = storage.get(x.dataId).address;
      const by = storage.get(segmentIds.dataId).address;
      const inner = x.shape.slice(1);
      const y = storage.output([numSegments, ...inner], 'float32');
      check(library.steppe_segment_sum(from, by, storage.get(y.dataId).address, rows, sizeOf(inner), numSegments));
      return y;
    }),
    kernel<'indices', OneHotAttrs>('OneHot', ({ indices }, { dtype, depth, onValue, offValue }) => {
      const type = typeCode(dtype);
      whole('depth', depth);
      if (type === undefined || indices.dtype !== 'int32') return undefined;
      const { address } = storage.get(indices.dataId);
      const y = storage.output([...indices.shape, depth], dtype);
      check(
        library.steppe_one_hot(
          address,
          storage.get(y.dataId).address,
          type,
          sizeOf(indices.shape),
          depth,
          onValue,
          offValue,
        ),
      );
      return y;
    }),
    kernel<'condition' | 't' | 'e'>('Select', ({ condition, t, e }) => {
      // tfjs's broadcastTo leaves an extent of 1 that should become 0.
      if ([condition, t, e].some(({ shape }) => shape.includes(0))) return undefined;
      shaped('e', e, t.shape);
      const size = sizeOf(t.shape);
      // One condition for a whole row is also answered there, but from the wrong places.
      if (!equalShapes(condition.shape, t.shape)) sized('condition', condition, size);
      if (condition.dtype !== 'bool' || !isNumeric(t.dtype) || t.dtype !== e.dtype) return undefined;
      const address = (x: { dataId: object }): number => storage.get(x.dataId).address;
      const inputs = [address(condition), address(t), address(e)];
      const y = storage.output(t.shape, t.dtype);
      check(
        library.steppe_select(...inputs, address(y), size, size / sizeOf(condition.shape), bytesPerElement(t.dtype)),
      );
      return y;
    }),
  ];
}
