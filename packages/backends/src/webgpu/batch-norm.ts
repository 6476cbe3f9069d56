import { FusedBatchNorm, type TensorInfo } from '@tensorflow/tfjs-core';
import { broadcastPlaces } from './broadcast.ts';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

type Inputs = { readonly [name in 'x' | 'mean' | 'variance']: TensorInfo } & {
  readonly [name in 'offset' | 'scale']?: TensorInfo | null;
};

/** scale · (x - mean) / √(variance + ε) + offset; the stock kernel multiplies before it subtracts, which cancels where
 * the mean is large. */
export const batchNorm: WebGpuKernel = webGpuKernel<Inputs, { varianceEpsilon: number }>(
  FusedBatchNorm,
  ({ inputs: { x, mean, variance, offset, scale }, attributes: { varianceEpsilon }, backend }) => {
    const inputs = [x, mean, variance, ...(scale ? [scale] : []), ...(offset ? [offset] : [])];
    const { key, shape, uniforms, code } = broadcastPlaces(inputs.map((each) => each.shape));
    const factor = scale ? ' * D[d]' : '';
    return runProgram(backend, {
      key: `FusedBatchNorm_${key}_${Boolean(scale)}_${Boolean(offset)}`,
      inputs,
      shape,
      dtype: 'float32',
      uniforms: [['epsilon', 'f32', varianceEpsilon], ...uniforms],
      code: `${code} value = (A[a] - B[b]) * (inverseSqrt(C[c] + uniforms.epsilon)${factor})${
        offset ? (scale ? ' + E[e]' : ' + D[d]') : ''
      };`,
    });
  },
);
