import { _FusedMatMul, BatchMatMul, backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { broadcastPlaces } from './broadcast.ts';
import { fusedKernels } from './fused.ts';
import { type WebGpuBackend, type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

type Inputs = { readonly a: TensorInfo; readonly b: TensorInfo };
type Attributes = { readonly transposeA: boolean; readonly transposeB: boolean };

const batchesOf = ({ shape }: TensorInfo): number[] => shape.slice(0, -2);

/** The matrices of x for every batch of a larger tensor; x itself where all are those of a batch, or one for all. */
function forAll(backend: WebGpuBackend, x: TensorInfo, batches: readonly number[]): TensorInfo {
  const [own, all] = [util.sizeFromShape(batchesOf(x)), util.sizeFromShape([...batches])];
  if (own === all || own === 1) return x;
  const matrix = x.shape.slice(-2);
  const shape = [...batches, ...matrix];
  const { key, uniforms, code } = broadcastPlaces([shape, x.shape]);
  return runProgram(backend, {
    key: `repeat_${key}`,
    inputs: [x],
    shape,
    dtype: 'float32',
    uniforms,
    code: `${code} value = f32(A[b]);`,
  });
}

/** The product of int32 matrices modulo 2³². */
function wholes(backend: WebGpuBackend, { a, b }: Inputs, { transposeA, transposeB }: Attributes): TensorInfo {
  const [rowsA = 0, columnsA = 0] = a.shape.slice(-2);
  const [rowsB = 0, columnsB = 0] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const one = [1, 1];
  const { shape, key, uniforms, code } = broadcastPlaces([
    [...batchesOf(a), ...one],
    [...batchesOf(b), ...one],
  ]);
  const [stepM, stepA] = transposeA ? [1, columnsA] : [columnsA, 1];
  const [stepB, stepN] = transposeB ? [1, columnsB] : [columnsB, 1];
  return runProgram(backend, {
    key: `BatchMatMul_${key}`,
    inputs: [a, b],
    shape: [...shape.slice(0, -2), m, n],
    dtype: 'int32',
    uniforms: [
      ...uniforms,
      ...Object.entries({ m, n, k, stepM, stepA, stepB, stepN }).map(([name, value]) => [name, 'i32', value] as const),
    ],
    code: `let entry = index; let row = entry / uniforms.n % uniforms.m; let column = entry % uniforms.n; {
      let index = entry / uniforms.n / uniforms.m; ${code}
      a = a * uniforms.m * uniforms.k + row * uniforms.stepM;
      b = b * uniforms.n * uniforms.k + column * uniforms.stepN;
      for (var i = 0; i < uniforms.k; i++) { value += i32(A[a + i * uniforms.stepA]) * i32(B[b + i * uniforms.stepB]); }
    }`,
  });
}

/** Products of batches of matrices: the stock kernels take the larger of the counts of batches for their common one. */
const product = (name: string): WebGpuKernel =>
  webGpuKernel<Inputs, Attributes>(name, ({ inputs, attributes, backend }, replaced, { own }) => {
    const { a, b } = inputs;
    if (a.dtype === 'int32' && b.dtype === 'int32' && name === BatchMatMul) return wholes(backend, inputs, attributes);
    const batches = backend_util.assertAndGetBroadcastShape(batchesOf(a), batchesOf(b));
    if (batches.includes(0)) return replaced(inputs, attributes);
    const [left, right] = [own(forAll(backend, a, batches), a), own(forAll(backend, b, batches), b)];
    return replaced({ ...inputs, a: left, b: right }, attributes);
  });

/** Products of matrices. */
export const matMulKernels: readonly WebGpuKernel[] = [BatchMatMul, _FusedMatMul].map((name) => {
  const inner = fusedKernels.find((each) => each.name === name);
  const { make } = product(name);
  return { name, make: (stock) => make(inner ? inner.make(stock) : stock) };
});
