import { type BatchMatMulAttrs, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { stridesOf } from '../layout.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, precisionCode, type Runtime, withScratch } from '../runtime.ts';
import { copied } from './copy.ts';

/** The matrices of x, as often as a larger batch of them needs. */
function repeated(runtime: Runtime, x: TensorInfo, batches: readonly number[]): TensorInfo {
  const shape = [...batches, ...x.shape.slice(-2)];
  const own = [...Array.from({ length: shape.length - x.shape.length }, () => 1), ...x.shape];
  const strides = stridesOf(own).map((stride, d) => (own[d] === 1 ? 0 : stride));
  return copied(runtime, shape, { tensor: x, offset: 0, strides });
}

/** The products of two batches of matrices, transposed as asked, which are repeated where the other's are more. */
export function matMul(
  runtime: Runtime,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo | undefined {
  if (a.shape.length < 2 || b.shape.length < 2) return undefined;
  const [batchesA, batchesB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const outer = broadcast_util.assertAndGetBroadcastShape(batchesA, batchesB);
  const [batch, batchA, batchB] = [sizeOf(outer), sizeOf(batchesA), sizeOf(batchesB)];
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  for (const [x, own] of [
    [a, batchA],
    [b, batchB],
  ] as const) {
    if (own === batch || own === 1) continue;
    const all = repeated(runtime, x, outer);
    const y =
      x === a ? matMul(runtime, all, b, transposeA, transposeB) : matMul(runtime, a, all, transposeA, transposeB);
    runtime.storage.dispose(all.dataId);
    return y;
  }
  const { library, storage } = runtime;
  const [rowsA = 1, columnsA = 1] = a.shape.slice(-2);
  const [rowsB = 1, columnsB = 1] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [n, inner] = transposeB ? [rowsB, columnsB] : [columnsB, rowsB];
  util.assert(
    k === inner,
    () =>
      `Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const strideA = batchA === 1 ? 0 : m * k;
  const strideB = batchB === 1 ? 0 : k * n;
  const flagA = transposeA ? 1 : 0;
  const flagB = transposeB ? 1 : 0;
  const addressA = storage.get(a.dataId).address;
  const addressB = storage.get(b.dataId).address;
  const precision = precisionCode(runtime);
  const layout = [batch, m, n, k, flagA, flagB, strideA, strideB, precision] as const;
  const y = storage.output([...outer, m, n], 'float32');
  const to = storage.get(y.dataId).address;
  withScratch(runtime, library.steppe_matmul_scratch(...layout), (scratch) => {
    check(library.steppe_matmul(addressA, addressB, to, ...layout, scratch));
  });
  return y;
}

/** Matrix products. */
export function matMulKernels(runtime: Runtime): Kernel[] {
  return [
    kernel<'a' | 'b', BatchMatMulAttrs>('BatchMatMul', ({ a, b }, { transposeA, transposeB }) =>
      matMul(runtime, a, b, transposeA, transposeB),
    ),
  ];
}
