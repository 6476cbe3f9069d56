import { BatchMatMul, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type Gather, runGather } from './gather.ts';
import { addressOf, type WasmBackend, withScratch } from './heap.ts';
import { type WasmKernel, wasmKernel } from './kernel.ts';
import { runOuter } from './outer.ts';

type Sizes = {
  readonly m: number;
  readonly k: number;
  readonly n: number;
};

/** A row times a matrix is a convolution of a one-pixel image with one tap. */
const rowsTimes = ({ m, k, n }: Sizes): Gather => ({
  images: m,
  inputRows: 1,
  outputRows: 1,
  depth: k,
  columns: n,
  taps: 1,
  groups: () => [[0]],
  source: () => 0,
  key: `rows;${k}`,
});

/** Writes the transpose of the `[k, m]` matrix at an address. */
function transposeTo(heap: Float32Array, { m, k }: Sizes, from: number, to: number): void {
  const [source, target] = [from >>> 2, to >>> 2];
  for (let row = 0; row < m; row++)
    for (let i = 0; i < k; i++) heap[target + row * k + i] = heap[source + i * m + row] as number;
}

/** Multiplies two matrices that lie in the heap into a third. */
function multiply(
  backend: WasmBackend,
  sizes: Sizes,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
  a: number,
  b: number,
  out: number,
): void {
  const { m, k, n } = sizes;
  const weights = { address: b, tapStride: 0, depthStride: transposeB ? 1 : n, columnStride: transposeB ? k : 1 };
  if (!transposeA) {
    runGather(backend, rowsTimes(sizes), a, weights, out);
  } else if (transposeB) {
    withScratch(backend, [m * k * 4], (rows) => {
      transposeTo(backend.wasm.HEAPF32, sizes, a, rows);
      runGather(backend, rowsTimes(sizes), rows, weights, out);
    });
  } else {
    const single = { images: k, leftRows: 1, rightRows: 1, taps: 1, partner: () => 0 };
    runOuter(backend, { ...single, rows: m, columns: n, key: `outer;${m};${n}` }, a, b, out);
  }
}

/** Multiplies (batches of) matrices, either one transposed: `BatchMatMul`. The stock kernel is ten times slower with a
 * flag set or a batch. */
export const batchMatMul: WasmKernel = wasmKernel<
  { a: TensorInfo; b: TensorInfo },
  { readonly transposeA: boolean; readonly transposeB: boolean }
>(BatchMatMul, (backend, { a, b }, flags) => {
  if (a.dtype !== 'float32' || b.dtype !== 'float32')
    throw new Error(`The WASM backend multiplies float32 matrices, got ${a.dtype} and ${b.dtype}: cast them first.`);
  if (a.shape.length < 2 || b.shape.length < 2)
    throw new Error(`Matrices have two axes at least, got [${a.shape}] and [${b.shape}]: reshape them first.`);
  const [aRows = 1, aColumns = 1] = a.shape.slice(-2);
  const [bRows = 1, bColumns = 1] = b.shape.slice(-2);
  const [m, k] = flags.transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [kb, n] = flags.transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== kb)
    throw new Error(`Matrices [${a.shape}] and [${b.shape}] do not chain: their inner sizes are ${k} and ${kb}.`);
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const out = backend.makeOutput([...outer, m, n], 'float32');
  const [from, by, to] = [addressOf(backend, a), addressOf(backend, b), addressOf(backend, out)];
  const indexIn = broadcastIndex(outer);
  for (let i = 0; i < util.sizeFromShape(outer); i++) {
    const matrixA = from + indexIn(a.shape.slice(0, -2), i) * m * k * 4;
    const matrixB = by + indexIn(b.shape.slice(0, -2), i) * k * n * 4;
    multiply(backend, { m, k, n }, flags, matrixA, matrixB, to + i * m * n * 4);
  }
  return out;
});

/** Gives the index, in a tensor of a smaller shape, of the entry that broadcasting puts at an index of the larger
 * shape. */
const broadcastIndex =
  (outer: readonly number[]) =>
  (shape: readonly number[], index: number): number => {
    let [rest, stride, result] = [index, 1, 0];
    for (let axis = outer.length - 1, own = shape.length - 1; own >= 0; axis--, own--) {
      const size = shape[own] ?? 1;
      const position = rest % (outer[axis] ?? 1);
      rest = Math.floor(rest / (outer[axis] ?? 1));
      result += size === 1 ? 0 : position * stride;
      stride *= size;
    }
    return result;
  };
