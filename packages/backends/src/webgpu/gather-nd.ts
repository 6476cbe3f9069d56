import { backend_util, GatherNd, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram, typeOf, type Uniform } from './program.ts';

/** Slices by the places in the last axis of the indices; the stock kernel leaves tensors behind on the host. */
export const gatherNd: WebGpuKernel = webGpuKernel<{ params: TensorInfo; indices: TensorInfo }, object>(
  GatherNd,
  ({ inputs: { params, indices }, backend }) => {
    // Refuses scalars, and places in nothing.
    backend_util.prepareAndValidate(params, indices);
    const depth = indices.shape.at(-1) as number;
    const slice = params.shape.slice(depth);
    const type = typeOf(params.dtype);
    const strides = params.shape
      .slice(0, depth)
      .map((_, axis): Uniform => [`stride${axis}`, 'i32', util.sizeFromShape(params.shape.slice(axis + 1))]);
    const places = strides.map(([name], axis) => `place += i32(B[row * ${depth} + ${axis}]) * uniforms.${name};`);
    return runProgram(backend, {
      key: `GatherNd_${type}_${depth}`,
      inputs: depth > 0 ? [params, indices] : [params],
      shape: [...indices.shape.slice(0, -1), ...slice],
      dtype: params.dtype,
      uniforms: [['length', 'i32', util.sizeFromShape(slice)], ...strides],
      code: `let row = index / uniforms.length; var place = index % uniforms.length; ${places.join(' ')}
        value = ${type}(A[place]);`,
    });
  },
);
