import type { MirrorPadAttrs, PadV2Attrs, TensorInfo } from '@tensorflow/tfjs-core';
import { borders, oneOf, real, whole as wholeNumber } from '../arguments/numbers.ts';
import { stridesOf } from '../layout.ts';
import { bytesPerElement, isNumeric, type NumericType, sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';
import { copy, whole } from './copy.ts';
import { filled } from './fill.ts';

/** x with a border of one value. */
export function padded(
  runtime: Runtime,
  x: TensorInfo,
  dtype: NumericType,
  paddings: readonly (readonly [number, number])[],
  value: number,
): TensorInfo {
  const shape = paddings.map(([before, after], d) => before + (x.shape[d] ?? 1) + after);
  const y = filled(runtime, shape, dtype, value);
  const strides = stridesOf(shape);
  const offset = paddings.reduce((sum, [before], d) => sum + before * (strides[d] ?? 0), 0);
  copy(runtime, x.shape, { tensor: y, offset, strides }, whole(x));
  return y;
}

/** Kernels that put a border around a tensor: constant, or the mirrored inside. */
export function padKernels(runtime: Runtime): Kernel[] {
  const { library, storage } = runtime;
  const mirrorOne = (
    x: TensorInfo,
    axis: number,
    [before, after]: readonly [number, number],
    symmetric: number,
  ): TensorInfo => {
    const extent = x.shape[axis] ?? 1;
    const shape = x.shape.map((size, d) => (d === axis ? before + extent + after : size));
    const { address } = storage.get(x.dataId);
    const y = storage.output(shape, x.dtype);
    const bytes = sizeOf(x.shape.slice(axis + 1)) * bytesPerElement(x.dtype);
    check(
      library.steppe_mirror_pad(
        address,
        storage.get(y.dataId).address,
        symmetric,
        sizeOf(x.shape.slice(0, axis)),
        extent,
        before,
        after,
        bytes,
      ),
    );
    return y;
  };
  return [
    kernel<'x', PadV2Attrs>('PadV2', ({ x }, { paddings, constantValue }) => {
      const widths = borders('paddings', paddings, x.shape.length);
      return isNumeric(x.dtype) ? padded(runtime, x, x.dtype, widths, real('constantValue', constantValue)) : undefined;
    }),
    kernel<'x', MirrorPadAttrs>('MirrorPad', ({ x }, { paddings, mode }) => {
      const least = oneOf('mode', mode, ['reflect', 'symmetric']) === 'reflect' ? 1 : 0;
      borders('paddings', paddings, x.shape.length).forEach((each, d) => {
        const most = Math.max(0, (x.shape[d] ?? 0) - least);
        for (const width of each) wholeNumber(`paddings[${d}]`, width, 0, most);
      });
      if (!isNumeric(x.dtype)) return undefined;
      let y = storage.alias(x, x.shape);
      paddings.forEach((padding, axis) => {
        if (padding[0] === 0 && padding[1] === 0) return;
        const next = mirrorOne(y, axis, padding, 1 - least);
        storage.dispose(y.dataId);
        y = next;
      });
      return y;
    }),
  ];
}
