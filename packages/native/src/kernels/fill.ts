import {
  type CastAttrs,
  type FillAttrs,
  type LinSpaceAttrs,
  type RangeAttrs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { oneOf, real, whole, wholes } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { isNumeric, type NumericType, sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime, typeCode } from '../runtime.ts';

/** A tensor of one value. */
export function filled({ library, storage }: Runtime, shape: number[], dtype: NumericType, value: number): TensorInfo {
  const y = storage.output(shape, dtype);
  check(library.steppe_fill(typeCode(dtype) ?? 0, storage.get(y.dataId).address, sizeOf(shape), value));
  return y;
}

/** The same values in another type; the same memory where the type is the same. */
export function cast({ library, storage }: Runtime, x: TensorInfo, dtype: NumericType): TensorInfo {
  if (x.dtype === dtype) return storage.alias(x, x.shape);
  const { address } = storage.get(x.dataId);
  const y = storage.output(x.shape, dtype);
  check(
    library.steppe_cast(
      typeCode(x.dtype) ?? 0,
      typeCode(dtype) ?? 0,
      address,
      storage.get(y.dataId).address,
      sizeOf(x.shape),
    ),
  );
  return y;
}

/** start, start + step, start + 2 step, ... */
function ramp(
  { library, storage }: Runtime,
  size: number,
  dtype: NumericType,
  start: number,
  step: number,
): TensorInfo {
  const y = storage.output([size], dtype);
  check(library.steppe_ramp(typeCode(dtype) ?? 0, storage.get(y.dataId).address, size, start, step));
  return y;
}

/** Kernels that make constant tensors or ramps, or change the type. */
export function fillKernels(runtime: Runtime): Kernel[] {
  const like = (name: string, value: number): Kernel =>
    kernel<'x'>(name, ({ x }) => (isNumeric(x.dtype) ? filled(runtime, x.shape, x.dtype, value) : undefined));
  return [
    like('ZerosLike', 0),
    like('OnesLike', 1),
    kernel<never, FillAttrs>('Fill', (_, { shape, value, dtype }) => {
      wholes('shape', shape);
      const type = dtype ?? (typeof value === 'string' ? 'string' : util.inferDtype(value));
      return isNumeric(type) ? filled(runtime, shape, type, real('value', value)) : undefined;
    }),
    kernel<'x', CastAttrs>('Cast', ({ x }, { dtype }) => {
      if (x.dtype === 'string' || dtype === 'string') oneOf('dtype', dtype, [x.dtype]);
      return isNumeric(x.dtype) && isNumeric(dtype) ? cast(runtime, x, dtype) : undefined;
    }),
    kernel<never, RangeAttrs>('Range', (_, { start, stop, step, dtype }) => {
      oneOf('dtype', dtype, ['float32', 'int32', 'bool']);
      if (step === 0) refuse('step', 'other than 0', step);
      if (dtype === 'int32' && !Number.isInteger(step)) refuse('step', 'a whole number for int32', step);
      if (dtype !== 'float32' && dtype !== 'int32') return undefined;
      const none = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
      const size = none ? 0 : whole('(stop - start) / step', Math.abs(Math.ceil((stop - start) / step)));
      return ramp(runtime, size, dtype, start, stop < start && step === 1 ? -1 : step);
    }),
    kernel<never, LinSpaceAttrs>('LinSpace', (_, { start, stop, num }) => {
      const size = whole('num', num);
      const step = size > 1 ? (real('stop', stop) - real('start', start)) / (size - 1) : 0;
      // Where float32 overflows, the sums of the JavaScript kernel say what comes.
      return Number.isFinite(Math.fround(start)) && Number.isFinite(Math.fround(step))
        ? ramp(runtime, size, 'float32', start, step)
        : undefined;
    }),
  ];
}
