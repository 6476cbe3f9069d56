import { LRN, type LRNAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import { functionsOf } from './functions.ts';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

/** x · (bias + α Σ x²)^(-β) over channels nearby; the stock kernel takes the device's logarithm, which loses NaN. */
export const lrn: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, LRNAttrs>(
  LRN,
  ({ inputs: { x }, attributes: { depthRadius, bias, alpha, beta }, backend }) =>
    runProgram(backend, {
      key: LRN,
      inputs: [x],
      shape: x.shape,
      dtype: 'float32',
      uniforms: [
        ['channels', 'i32', x.shape.at(-1) as number],
        ['radius', 'i32', depthRadius],
        ['bias', 'f32', bias],
        ['alpha', 'f32', alpha],
        ['beta', 'f32', beta],
      ],
      functions: functionsOf('logOf'),
      code: `let c = index % uniforms.channels;
        var sum = 0.0;
        for (var i = max(-uniforms.radius, -c); i <= min(uniforms.radius, uniforms.channels - 1 - c); i++) {
          sum += A[index + i] * A[index + i];
        }
        let basis = uniforms.bias + uniforms.alpha * sum;
        value = basis;
        if (!isnan(basis)) { value = A[index] * exp(-uniforms.beta * logOf(basis)); }`,
    }),
);
