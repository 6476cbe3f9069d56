import { backend_util, Select, type TensorInfo, upcastType, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram, typeOf } from './program.ts';

type Inputs = { readonly condition: TensorInfo; readonly t: TensorInfo; readonly e: TensorInfo };

/** Chooses by a condition of the same shape, or of one entry for each row: `Select`. The stock kernel takes four axes at
 * most, and whole numbers for float32. */
export const select: WebGpuKernel = webGpuKernel<Inputs, object>(Select, ({ inputs, backend }) => {
  const { condition, t, e } = inputs;
  const shapes = [t.shape, e.shape, ...(condition.shape.length < t.shape.length ? [] : [condition.shape])];
  const shape = shapes.reduce((all, each) => backend_util.assertAndGetBroadcastShape(all, each));
  const dtype = upcastType(t.dtype, e.dtype);
  const type = typeOf(dtype);
  return runProgram(backend, {
    key: `Select_${type}`,
    inputs: [condition, t, e],
    shape,
    dtype,
    uniforms: [['row', 'i32', util.sizeFromShape(shape) / (util.sizeFromShape(condition.shape) || 1)]],
    code: `if (A[index / uniforms.row] != 0) { value = ${type}(B[index]); } else { value = ${type}(C[index]); }`,
  });
});
