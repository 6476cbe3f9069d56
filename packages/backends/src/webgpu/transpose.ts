import { Cast, Neg, type TensorInfo, Transpose } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

/** Permutes axes: `Transpose`. The stock shader for three axes and more is invalid for whole numbers and booleans. */
export const transpose: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, { perm: number[] }>(
  Transpose,
  ({ inputs: { x }, attributes }, replaced, { run }) => {
    const { dtype, shape } = x;
    if ((dtype !== 'int32' && dtype !== 'bool') || shape.length < 3) return replaced({ x }, attributes);
    // A cast to float32 leaves whole numbers in the buffer, and a computation does not; tfjs's kernels round them to
    // float32 anyhow.
    const real = run(Neg, { x: run(Cast, { x }, { dtype: 'float32' }) });
    return run(Cast, { x: run(Neg, { x: replaced({ x: real }, attributes) }) }, { dtype });
  },
);
