import {
  backend_util,
  type ConcatAttrs,
  type PackAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  slice_util,
  type TensorInfo,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';
import { axesOf, axisOf, permutationOf } from '../arguments/axes.ts';
import { whole, wholes } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { shaped } from '../arguments/tensors.ts';
import { stridesOf } from '../layout.ts';
import { isNumeric } from '../memory/data.ts';
import { type Kernel, kernel, type Runtime } from '../runtime.ts';
import { copied, copy, transposed } from './copy.ts';

/** A dense block of x. */
export function sliced(runtime: Runtime, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  const offset = begin.reduce((sum, at, d) => sum + at * (strides[d] ?? 0), 0);
  return copied(runtime, size, { tensor: x, offset, strides });
}

/** Tensors behind each other along an axis. */
function concatenated(
  runtime: Runtime,
  tensors: readonly TensorInfo[],
  axis: number,
  shape: number[],
  dtype: TensorInfo['dtype'],
): TensorInfo {
  const y = runtime.storage.output(shape, dtype);
  const strides = stridesOf(shape);
  let at = 0;
  for (const tensor of tensors) {
    copy(
      runtime,
      tensor.shape,
      { tensor: y, offset: at * (strides[axis] ?? 0), strides },
      { tensor, offset: 0, strides: stridesOf(tensor.shape) },
    );
    at += tensor.shape[axis] ?? 0;
  }
  return y;
}

/** x with dimension d repeated reps[d] times: a copy from x of shape [1, n] with stride 0 to a block of [reps, n]. */
function tiled(runtime: Runtime, x: TensorInfo, reps: readonly number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  const shape = x.shape.map((extent, d) => extent * (reps[d] ?? 1));
  const pairs = x.shape.flatMap((extent, d) => [reps[d] ?? 1, extent]);
  const y = copied(runtime, pairs, { tensor: x, offset: 0, strides: strides.flatMap((stride) => [0, stride]) });
  return { ...y, shape };
}

/** Kernels that copy blocks. */
export function moveKernels(runtime: Runtime): Kernel[] {
  return [
    kernel<'x', TransposeAttrs>('Transpose', ({ x }, { perm }) => {
      const order = permutationOf(perm, x.shape.length);
      return isNumeric(x.dtype) ? transposed(runtime, x, order) : undefined;
    }),
    kernel<'x', SliceAttrs>('Slice', ({ x }, { begin, size }) => {
      const [from = [], extent = []] = slice_util.parseSliceParams(x, begin, size);
      wholes('begin', from);
      wholes('size', extent);
      slice_util.assertParamsValid(x, from, extent);
      if (!isNumeric(x.dtype)) return undefined;
      return sliced(runtime, x, from, extent);
    }),
    kernel<string, ConcatAttrs>('Concat', (inputs, { axis }) => {
      const tensors = Object.values(inputs);
      const [first] = tensors;
      if (!first) return refuse('the inputs', 'one tensor at least', 'none');
      const at = axisOf(axis, first.shape.length);
      if (tensors.some(({ dtype }) => dtype !== first.dtype || !isNumeric(dtype))) return undefined;
      const shapes = tensors.map(({ shape }) => shape);
      backend_util.assertParamsConsistent(shapes, at);
      return concatenated(runtime, tensors, at, backend_util.computeOutShape(shapes, at), first.dtype);
    }),
    kernel<string, PackAttrs>('Pack', (inputs, { axis }) => {
      const tensors = Object.values(inputs);
      const [first] = tensors;
      if (!first) return refuse('the inputs', 'one tensor at least', 'none');
      const at = axisOf(axis, first.shape.length + 1);
      for (const tensor of tensors) shaped('a tensor', tensor, first.shape);
      if (tensors.some(({ dtype }) => dtype !== first.dtype || !isNumeric(dtype))) return undefined;
      const widened = (shape: readonly number[], extent: number): number[] => [
        ...shape.slice(0, at),
        extent,
        ...shape.slice(at),
      ];
      const slices = tensors.map((tensor) => ({ ...tensor, shape: widened(tensor.shape, 1) }));
      return concatenated(runtime, slices, at, widened(first.shape, tensors.length), first.dtype);
    }),
    kernel<'value', UnpackAttrs>('Unpack', ({ value }, { axis }) => {
      const at = axisOf(axis, value.shape.length);
      if (!isNumeric(value.dtype)) return undefined;
      const size = value.shape.map((extent, d) => (d === at ? 1 : extent));
      const shape = value.shape.filter((_, d) => d !== at);
      return Array.from({ length: value.shape[at] ?? 0 }, (_, i) => {
        const begin = value.shape.map((_, d) => (d === at ? i : 0));
        return { ...sliced(runtime, value, begin, size), shape };
      });
    }),
    kernel<'x', SplitVAttrs>('SplitV', ({ x }, { numOrSizeSplits, axis }) => {
      const at = axisOf(axis, x.shape.length);
      if (!Array.isArray(numOrSizeSplits)) whole('numOrSizeSplits', numOrSizeSplits, 1);
      else if (numOrSizeSplits.length === 0) refuse('numOrSizeSplits', 'one size at least', numOrSizeSplits);
      const tensor = x as Parameters<typeof backend_util.prepareSplitSize>[0];
      const extents = wholes('numOrSizeSplits', backend_util.prepareSplitSize(tensor, numOrSizeSplits, at));
      if (!isNumeric(x.dtype)) return undefined;
      let from = 0;
      return extents.map((extent) => {
        const begin = x.shape.map((_, d) => (d === at ? from : 0));
        from += extent;
        return sliced(runtime, x, begin, x.shape.with(at, extent));
      });
    }),
    kernel<'x', ReverseAttrs>('Reverse', ({ x }, { dims }) => {
      const axes = axesOf(dims, x.shape.length, 'dims');
      if (!isNumeric(x.dtype)) return undefined;
      const strides = stridesOf(x.shape);
      const flipped = (d: number): boolean => axes.includes(d) && (x.shape[d] ?? 0) > 0;
      const offset = strides.reduce((sum, stride, d) => (flipped(d) ? sum + stride * ((x.shape[d] ?? 1) - 1) : sum), 0);
      return copied(runtime, x.shape, {
        tensor: x,
        offset,
        strides: strides.map((stride, d) => (flipped(d) ? -stride : stride)),
      });
    }),
    kernel<'x', TileAttrs>('Tile', ({ x }, { reps }) => {
      const times = wholes('reps', reps, 0, x.shape.length);
      return isNumeric(x.dtype) ? tiled(runtime, x, times) : undefined;
    }),
  ];
}
