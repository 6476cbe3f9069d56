import * as tf from '@tensorflow/tfjs-core';
import { functionsOf } from './functions.ts';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

type Op = {
  readonly code: string;
  readonly calls?: readonly string[];
  /** What NaN gives, where it is not NaN. */
  readonly ofNaN?: string;
  /** Whether small tensors on the host are computed there by tfjs, rightly. */
  readonly host?: boolean;
};

const called = (name: string, host = false): Op => ({ code: `value = ${name}(x);`, calls: [name], host });

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util;

/** Functions of one float32 that tfjs leaves to the device's own, which lose NaN or digits. */
const floats: { readonly [kernel: string]: Op } = {
  [tf.Acos]: called('acosOf'),
  [tf.Acosh]: called('acoshOf'),
  [tf.Asin]: called('asinOf'),
  [tf.Asinh]: called('asinhOf'),
  [tf.Atan]: called('atanOf'),
  [tf.Atanh]: called('atanhOf'),
  [tf.Cos]: called('cosOf'),
  [tf.Cosh]: called('coshOf'),
  [tf.Elu]: { code: 'value = x; if (x < 0.0) { value = expm1Of(x); }', calls: ['expm1Of'] },
  [tf.Exp]: { code: 'value = exp(x);', host: true },
  [tf.Expm1]: called('expm1Of', true),
  [tf.LeakyRelu]: { code: 'value = select(x, x * uniforms.alpha, x < 0.0);' },
  [tf.Log]: called('logOf', true),
  [tf.Log1p]: called('log1pOf'),
  [tf.Relu6]: { code: 'value = clamp(x, 0.0, 6.0);' },
  [tf.Selu]: {
    code: `value = ${SELU_SCALE} * x; if (x < 0.0) { value = ${SELU_SCALEALPHA} * expm1Of(x); }`,
    calls: ['expm1Of'],
  },
  [tf.Sigmoid]: { code: 'value = 1.0 / (1.0 + exp(-x));' },
  // By its bits: numbers below the least normal float32 have a sign too.
  [tf.Sign]: {
    code: 'let b = bitcast<u32>(x); value = select(select(1.0, -1.0, b >= 0x80000000u), 0.0, (b & 0x7fffffffu) == 0u);',
    ofNaN: '0.0',
  },
  [tf.Sin]: called('sinOf'),
  [tf.Sinh]: called('sinhOf'),
  [tf.Softplus]: called('softplusOf'),
  [tf.Tan]: called('tanOf'),
  [tf.Tanh]: called('tanhOf'),
};

/** Functions of a whole number, which tfjs takes for a float32. */
const wholes: { readonly [kernel: string]: string } = {
  [tf.Abs]: 'abs(x)',
  [tf.Neg]: '-x',
  [tf.Relu]: 'max(x, 0)',
  [tf.Relu6]: 'clamp(x, 0, 6)',
  [tf.Sign]: 'sign(x)',
  [tf.Square]: 'x * x',
};

const unary = (name: string): WebGpuKernel =>
  webGpuKernel<{ x: tf.TensorInfo }, { alpha?: number }>(name, ({ inputs: { x }, attributes, backend }, replaced) => {
    const run = (code: string, dtype: 'float32' | 'int32', calls: readonly string[] = []): tf.TensorInfo =>
      runProgram(backend, {
        key: `${name}_${dtype}`,
        inputs: [x],
        shape: x.shape,
        dtype,
        uniforms: name === tf.LeakyRelu ? [['alpha', 'f32', attributes.alpha ?? 0.2]] : [],
        functions: functionsOf(...calls),
        code,
      });
    const whole = wholes[name];
    if (whole && x.dtype === 'int32') return run(`let x = i32(A[index]); value = ${whole};`, 'int32');
    const op = floats[name];
    if (!op || x.dtype === 'complex64' || (op.host && backend.shouldExecuteOnCPU([x])))
      return replaced({ x }, attributes);
    return run(`let x = f32(A[index]); value = ${op.ofNaN ?? 'x'}; if (!isnan(x)) { ${op.code} }`, 'float32', op.calls);
  });

/** Functions of one number, NaN of NaN; the sign alone is 0 there, as on the other backends. */
export const unaryKernels: readonly WebGpuKernel[] = [...new Set([...Object.keys(floats), ...Object.keys(wholes)])].map(
  unary,
);
