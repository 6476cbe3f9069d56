import { Softmax, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

/** A maximum, then a sum, over what the threads of a workgroup hold. */
const functions = `var<workgroup> parts : array<f32, 64>;
  fn most(lane : i32, own : f32) -> f32 {
    parts[lane] = own;
    workgroupBarrier();
    var all = parts[0];
    for (var i = 1; i < 64; i++) { all = max(all, parts[i]); }
    workgroupBarrier();
    return all;
  }
  fn total(lane : i32, own : f32) -> f32 {
    parts[lane] = own;
    workgroupBarrier();
    var all = 0.0;
    for (var i = 0; i < 64; i++) { all += parts[i]; }
    return all;
  }`;

/** exp(xᵢ - m) / Σ exp(xⱼ - m), a workgroup for each row; NaN where there is NaN or infinity, which the stock kernel
 * leaves to the driver. */
export const softmax: WebGpuKernel = webGpuKernel<{ logits: TensorInfo }, { dim: number }>(
  Softmax,
  ({ inputs: { logits }, attributes: { dim }, backend }) => {
    const length = logits.shape[dim] as number;
    const rows = util.sizeFromShape(logits.shape) / (length || 1);
    return runProgram(backend, {
      key: 'Softmax',
      inputs: [logits],
      shape: logits.shape,
      dtype: 'float32',
      groups: rows,
      uniforms: [['length', 'i32', length]],
      functions,
      code: `let start = group * uniforms.length;
        var m = -3.4028234e38;
        var odd = 0.0;
        for (var i = lane; i < uniforms.length; i += 64) {
          let v = f32(A[start + i]);
          if (isnan(v) || v == uniforms.INFINITY) { odd = 1.0; } else { m = max(m, v); }
        }
        m = most(lane, m);
        odd = most(lane, odd);
        var sum = 0.0;
        for (var i = lane; i < uniforms.length; i += 64) { sum += exp(f32(A[start + i]) - m); }
        sum = total(lane, sum);
        for (var i = lane; i < uniforms.length; i += 64) {
          if (start + i < uniforms.size) {
            result[start + i] = select(exp(f32(A[start + i]) - m) / sum, uniforms.NAN, odd > 0.0 || sum == 0.0);
          }
        }`,
    });
  },
);
