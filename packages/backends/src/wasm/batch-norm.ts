import { Add, Fill, FusedBatchNorm, Multiply, Rsqrt, Sub, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { type WasmKernel, wasmKernel } from './kernel.ts';
import { run } from './run.ts';

/**
 * Normalizes by a mean and a variance: `FusedBatchNorm`, (x − mean) · scale / √(variance + ε) + offset.
 *
 * The stock kernel takes x · s + (offset − mean · s), which cancels where the mean is large.
 */
export const batchNorm: WasmKernel = wasmKernel<
  { x: TensorInfo; mean: TensorInfo; variance: TensorInfo; offset?: TensorInfo; scale?: TensorInfo },
  { readonly varianceEpsilon: number }
>(FusedBatchNorm, (_, { x, mean, variance, offset, scale }, { varianceEpsilon }) =>
  tidy(() => {
    const epsilon = run(Fill, {}, { shape: [], value: varianceEpsilon, dtype: 'float32' });
    const inverse = run(Rsqrt, { x: run(Add, { a: variance, b: epsilon }) });
    const factor = scale ? run(Multiply, { a: inverse, b: scale }) : inverse;
    const normal = run(Multiply, { a: run(Sub, { a: x, b: mean }), b: factor });
    return offset ? run(Add, { a: normal, b: offset }) : normal;
  }),
);
