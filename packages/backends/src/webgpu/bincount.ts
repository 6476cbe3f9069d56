import { Bincount, DenseBincount, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram, typeOf } from './program.ts';

/**
 * Weights summed by whole numbers: a thread for each sum, in order. The stock kernel adds bits of float32 as whole
 * numbers where weights are rows, and its binary form is no valid shader.
 */
const bincount = (name: string): WebGpuKernel =>
  webGpuKernel<{ x: TensorInfo; weights: TensorInfo }, { size: number; binaryOutput?: boolean }>(
    name,
    ({ inputs: { x, weights }, attributes: { size, binaryOutput = false }, backend }) => {
      // `Bincount` takes an image for a list.
      const rows = name === Bincount ? [] : x.shape.slice(0, -1);
      const length = name === Bincount ? util.sizeFromShape(x.shape) : (x.shape.at(-1) ?? 0);
      const weighted = util.sizeFromShape(weights.shape) > 0;
      const type = typeOf(weights.dtype);
      const counted = weighted && !binaryOutput;
      const one = counted ? `${type}(B[i])` : `${type}(1)`;
      return runProgram(backend, {
        key: `Bincount_${type}_${counted}_${binaryOutput}`,
        inputs: counted ? [x, weights] : [x],
        shape: [...rows, size],
        dtype: weights.dtype,
        uniforms: [
          ['bins', 'i32', size],
          ['length', 'i32', length],
        ],
        code: `let start = index / uniforms.bins * uniforms.length;
          for (var i = start; i < start + uniforms.length; i++) {
            if (i32(A[i]) == index % uniforms.bins) { value ${binaryOutput ? '' : '+'}= ${one}; }
          }`,
      });
    },
  );

export const bincountKernels: readonly WebGpuKernel[] = [Bincount, DenseBincount].map(bincount);
