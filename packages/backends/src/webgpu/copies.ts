import {
  Reverse,
  StridedSlice,
  type StridedSliceAttrs,
  slice_util,
  type TensorInfo,
  Tile,
  Transpose,
  util,
} from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { type ProgramRunner, runProgram } from './program.ts';
import { type Axis, merged, walk } from './walk.ts';

/** How far a step along each axis goes. */
const stridesOf = (shape: readonly number[]): number[] => (shape.length ? [...util.computeStrides([...shape]), 1] : []);

/**
 * Entries of a tensor from a first one on along axes, the last of which goes fastest; whole numbers stay as they are,
 * where the stock kernels round them to float32.
 */
function copied(
  backend: ProgramRunner,
  x: TensorInfo,
  shape: readonly number[],
  axes: readonly Axis[],
  first = 0,
): TensorInfo {
  const some = merged(axes);
  const { uniforms, code } = walk('in', some, ['place'], 'rest');
  return runProgram(backend, {
    key: `copy_${x.dtype}_${some.length}`,
    inputs: [x],
    shape,
    dtype: x.dtype,
    uniforms: [['first', 'i32', first], ...uniforms],
    code: `var place = uniforms.first; var rest = index; ${code} value = ${x.dtype === 'float32' ? 'f32' : 'i32'}(A[place]);`,
  });
}

const isWhole = ({ dtype }: Pick<TensorInfo, 'dtype'>): boolean => dtype === 'int32' || dtype === 'bool';

/** Permutes axes. The stock shader for three axes and more is invalid for whole numbers and booleans, also where they
 * are called floats: a cast to float32 leaves them as they are. */
const transpose: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, { perm: number[] }>(
  Transpose,
  ({ inputs: { x }, attributes, backend }, replaced) => {
    const kept = backend.tensorMap.get(x.dataId);
    if (!isWhole(x) && !isWhole(kept)) return replaced({ x }, attributes);
    const strides = stridesOf(x.shape);
    const axes = attributes.perm.map((axis) => ({ side: x.shape[axis] as number, steps: [strides[axis] as number] }));
    return copied(
      backend,
      x,
      axes.map(({ side }) => side),
      axes,
    );
  },
);

const reverse: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, { dims: number[] }>(
  Reverse,
  ({ inputs: { x }, attributes, backend }, replaced) => {
    if (!isWhole(x) || x.shape.length === 0) return replaced({ x }, attributes);
    const dims = util.parseAxisParam(attributes.dims, x.shape);
    let first = 0;
    const axes = stridesOf(x.shape).map((stride, axis) => {
      const side = x.shape[axis] as number;
      if (!dims.includes(axis)) return { side, steps: [stride] };
      first += (side - 1) * stride;
      return { side, steps: [-stride] };
    });
    return copied(backend, x, x.shape, axes, first);
  },
);

const tile: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, { reps: number[] }>(
  Tile,
  ({ inputs: { x }, attributes, backend }, replaced) => {
    if (!isWhole(x)) return replaced({ x }, attributes);
    const axes = stridesOf(x.shape).flatMap((stride, axis) => [
      { side: attributes.reps[axis] as number, steps: [0] },
      { side: x.shape[axis] as number, steps: [stride] },
    ]);
    const shape = x.shape.map((side, axis) => side * (attributes.reps[axis] as number));
    return copied(backend, x, shape, axes);
  },
);

/** The stock shader takes neither axes that are dropped beside steps nor five axes. */
const stridedSlice: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, StridedSliceAttrs>(
  StridedSlice,
  ({ inputs: { x }, attributes, backend }, replaced) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    const info = slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
    if (x.dtype === 'complex64' || x.dtype === 'string' || info.isIdentity) return replaced({ x }, attributes);
    const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides).map((size) => Math.max(0, size));
    const own = stridesOf(x.shape);
    const axes = sizes.map((side, axis) => ({ side, steps: [(own[axis] as number) * (info.strides[axis] as number)] }));
    const first = info.begin.reduce((sum, at, axis) => sum + at * (own[axis] as number), 0);
    return copied(backend, x, info.finalShape, axes, first);
  },
);

/** Kernels that copy entries to other places. */
export const copyKernels: readonly WebGpuKernel[] = [reverse, stridedSlice, tile, transpose];
