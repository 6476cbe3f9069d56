import { backend_util, type DataType, Mean, Sum, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, simd, type WasmBackend } from './heap.ts';
import { type WasmKernel, wasmKernel } from './kernel.ts';

type ReduceAttributes = {
  readonly axis: number | number[];
  readonly keepDims: boolean;
};

/** A reduction of the middle one of three axes. */
type Middle = {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
};

/** Reads the last reduced axes that lie together (lengths of 1 do not part them) as the middle of three axes. */
function lastMiddle(
  shape: readonly number[],
  axes: readonly number[],
): Middle & { readonly covered: readonly number[] } {
  const covered: number[] = [];
  let [outer, reduced, inner] = [1, 1, 1];
  let open = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (open && axes.includes(axis)) {
      covered.push(axis);
      reduced *= size;
    } else if (size !== 1 && reduced === 1) inner *= size;
    else if (size !== 1) {
      open = false;
      outer *= size;
    }
  }
  return { outer, reduced, inner, covered };
}

/** Adds up the middle axis, in float64; integers wrap at 32 bits. */
function addUp(backend: WasmBackend, x: TensorInfo, { outer, reduced, inner }: Middle, out: TensorInfo): void {
  if (x.dtype === 'float32' && reduced > 0) {
    const [from, to] = [addressOf(backend, x), addressOf(backend, out)];
    const { sumLast, sumMiddle } = simd(backend);
    if (inner === 1) sumLast(from, to, outer, reduced * 4);
    else sumMiddle(from, to, outer, reduced * inner * 4, inner * 4);
    return;
  }
  const [values, sums] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let r = 0; r < reduced; r++) sum += values[(o * reduced + r) * inner + i] as number;
      sums[o * inner + i] = sum;
    }
  }
}

/** Sums over axes, one group of neighbours after the other, the last first. */
function sumAxes(backend: WasmBackend, x: TensorInfo, axes: readonly number[], dtype: DataType): TensorInfo {
  const { covered, ...middle } = lastMiddle(x.shape, axes);
  const out = backend.makeOutput(
    x.shape.map((size, axis) => (covered.includes(axis) ? 1 : size)),
    dtype,
  );
  addUp(backend, x, middle, out);
  const rest = axes.filter((axis) => !covered.includes(axis));
  if (rest.length === 0) return out;
  const all = sumAxes(backend, out, rest, dtype);
  backend.disposeData(out.dataId);
  return all;
}

function reduce(backend: WasmBackend, x: TensorInfo, attributes: ReduceAttributes, dtype: DataType): TensorInfo {
  const axes = util.parseAxisParam(attributes.axis, x.shape);
  const sums = sumAxes(backend, x, axes, dtype);
  const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  return attributes.keepDims ? sums : { ...sums, shape };
}

/** Sums over axes in float64, rounded once per group of neighbouring axes: `Sum`. The stock kernel adds up in float32
 * and loses whole units. */
export const sum: WasmKernel = wasmKernel<{ x: TensorInfo }, ReduceAttributes>(Sum, (backend, { x }, attributes) =>
  reduce(backend, x, attributes, x.dtype === 'float32' ? 'float32' : 'int32'),
);

/** Averages over axes, by the same sums: `Mean`. */
export const mean: WasmKernel = wasmKernel<{ x: TensorInfo }, ReduceAttributes>(Mean, (backend, { x }, attributes) => {
  const out = reduce(backend, x, attributes, 'float32');
  const values = backend.typedArrayFromHeap(out);
  const count = util.sizeFromShape(x.shape) / values.length;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / count;
  return out;
});
