import * as tf from '@tensorflow/tfjs-core';
import { functionsOf } from './functions.ts';
import { call, onDevice, type WebGpuBackend, type WebGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

type Parts = { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo };

const partsOf = (backend: WebGpuBackend, x: tf.TensorInfo): readonly tf.TensorInfo[] => {
  const { real, imag } = backend.tensorMap.get(x.dataId).complexTensorInfos as Parts;
  return [real, imag].map(({ dataId }) => ({ dataId, shape: x.shape, dtype: 'float32' as const }));
};

/** √(re² + im²) without overflow, infinite where a part is, else NaN of NaN. */
const complexAbs: WebGpuKernel = {
  name: tf.ComplexAbs,
  make: () => (parameters) => {
    const backend = onDevice(parameters.backend);
    const x = parameters.inputs.x as tf.TensorInfo;
    return runProgram(backend, {
      key: tf.ComplexAbs,
      inputs: partsOf(backend, x),
      shape: x.shape,
      dtype: 'float32',
      code: `let u = abs(A[index]); let v = abs(B[index]);
        let most = max(u, v);
        let less = min(u, v) / most;
        value = most * sqrt(1.0 + less * less);
        if (u == uniforms.INFINITY || v == uniforms.INFINITY) { value = uniforms.INFINITY; }
        else if (isnan(u) || isnan(v)) { value = uniforms.NAN; }
        else if (most == 0.0) { value = 0.0; }`,
    });
  },
};

/** Fourier transforms of rows by the sum that defines them; the stock kernels take the device's sines, and angles that
 * grow. */
const fourier = (name: string, inverse: boolean): WebGpuKernel => ({
  name,
  make: () => (parameters) => {
    const backend = onDevice(parameters.backend);
    const x = parameters.inputs.input as tf.TensorInfo;
    const length = x.shape.at(-1) as number;
    const part = (key: string, sum: string): tf.TensorInfo =>
      runProgram(backend, {
        key: `${name}_${key}`,
        inputs: partsOf(backend, x),
        shape: x.shape,
        dtype: 'float32',
        uniforms: [
          ['length', 'i32', length],
          ['turn', 'f32', ((inverse ? 2 : -2) * Math.PI) / length],
          ['share', 'f32', inverse ? length : 1],
        ],
        functions: functionsOf('sinOf', 'cosOf'),
        code: `let own = index % uniforms.length;
          let start = index - own;
          var turns = 0;
          for (var i = 0; i < uniforms.length; i++) {
            let angle = f32(turns) * uniforms.turn;
            let re = A[start + i]; let im = B[start + i]; let c = cosOf(angle); let s = sinOf(angle);
            value += (${sum}) / uniforms.share;
            turns = (turns + own) % uniforms.length;
          }`,
      });
    const [real, imag] = [part('real', 're * c - im * s'), part('imag', 're * s + im * c')];
    const result = call(backend, tf.Complex, { real, imag });
    for (const { dataId } of [real, imag]) backend.disposeData(dataId);
    return result;
  },
});

/** Kernels of complex numbers. */
export const complexKernels: readonly WebGpuKernel[] = [complexAbs, fourier(tf.FFT, false), fourier(tf.IFFT, true)];
