import {
  Cast,
  type DataType,
  Identity,
  Reverse,
  Slice,
  slice_util,
  type TensorInfo,
  Tile,
  util,
} from '@tensorflow/tfjs-core';
import { addressOf, alias, type Numbers } from './heap.ts';
import { type WasmKernel, wasmKernel, wrappedKernel } from './kernel.ts';

/** From so many numbers on one call copies faster than a loop. */
const LONG = 32;

/** Shares a tensor's elements: `Identity`. The stock kernel copies them, at every clone that a gradient makes. */
export const identity: WasmKernel = wrappedKernel<{ x: TensorInfo }>(
  Identity,
  (stock) =>
    (backend, { x }) =>
      x.dtype === 'string' ? stock() : alias(backend, x),
);

/**
 * Shares a tensor's elements where the type stays, and makes true of all but zero: `Cast`.
 *
 * The stock kernel copies the former, and makes 255 of -1 and false of a half.
 */
export const cast: WasmKernel = wrappedKernel<{ x: TensorInfo }, { readonly dtype: DataType }>(
  Cast,
  (stock) =>
    (backend, { x }, { dtype }) => {
      if (x.dtype === 'string' || dtype === 'string') return stock();
      if (x.dtype === dtype) return alias(backend, x);
      const out = backend.makeOutput(x.shape, dtype);
      if (dtype !== 'bool') {
        backend.typedArrayFromHeap(out).set(backend.typedArrayFromHeap(x));
        return out;
      }
      const flags = backend.typedArrayFromHeap(out);
      for (const [i, value] of backend.typedArrayFromHeap(x).entries()) flags[i] = value === 0 ? 0 : 1;
      return out;
    },
);

/** Cuts a block out of a tensor: `Slice`. The stock kernel copies the whole tensor out of the heap first. */
export const slice: WasmKernel = wrappedKernel<
  { x: TensorInfo },
  { readonly begin: number | number[]; readonly size: number | number[] }
>(Slice, (stock) => (backend, { x }, attributes) => {
  if (x.dtype === 'string') return stock();
  const [begin = [], size = []] = slice_util.parseSliceParams(x, attributes.begin, attributes.size);
  slice_util.assertParamsValid(x, begin, size);
  const out = backend.makeOutput(size, x.dtype);
  const length = util.sizeFromShape(size);
  if (length === 0) return out;
  const bytes = util.bytesPerElement(x.dtype);
  const strides = [...util.computeStrides(x.shape), 1];
  // Inner axes that are taken whole belong to one stretch of memory with the axis before them.
  let inner = x.shape.length - 1;
  while (inner > 0 && size[inner] === x.shape[inner]) inner--;
  const stretch = util.sizeFromShape(size.slice(Math.max(inner, 0)));
  const { HEAPU8 } = backend.wasm;
  const [from, to] = [addressOf(backend, x), addressOf(backend, out)];
  for (let done = 0; done < length; done += stretch) {
    let [rest, offset] = [done / stretch, 0];
    for (let axis = inner - 1; axis >= 0; axis--) {
      const count = size[axis] ?? 1;
      offset += ((begin[axis] ?? 0) + (rest % count)) * (strides[axis] ?? 1);
      rest = Math.floor(rest / count);
    }
    offset += inner >= 0 ? (begin[inner] ?? 0) * (strides[inner] ?? 1) : 0;
    HEAPU8.copyWithin(to + done * bytes, from + offset * bytes, from + (offset + stretch) * bytes);
  }
  return out;
});

/**
 * Turns a tensor around along some axes: `Reverse`. The stock kernel writes beyond its output for bool.
 *
 * By the stretches that stay together; along the last axis a row is copied and turned where it lies.
 */
export const reverse: WasmKernel = wasmKernel<{ x: TensorInfo }, { readonly dims: number | number[] }>(
  Reverse,
  (backend, { x }, { dims }) => {
    const { shape } = x;
    const turned = new Set(util.parseAxisParam(dims, shape));
    const out = backend.makeOutput(shape, x.dtype);
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
    let outer = shape.length;
    while (outer > 0 && !turned.has(outer - 1)) outer--;
    const stretch = util.sizeFromShape(shape.slice(outer));
    const last = shape[outer - 1] ?? 1;
    const row = last * stretch;
    for (let at = 0; at < from.length; at += row) {
      let [rest, source, size] = [at / row, 0, row];
      for (let axis = outer - 2; axis >= 0; axis--) {
        const side = shape[axis] ?? 1;
        source += size * (turned.has(axis) ? side - 1 - (rest % side) : rest % side);
        rest = Math.floor(rest / side);
        size *= side;
      }
      turn(from, source, to, at, outer > 0 ? last : 1, stretch);
    }
    return out;
  },
);

/** Copies so many stretches in the opposite order; a call for each is worth it for long ones alone. */
function turn(from: Numbers, source: number, to: Numbers, at: number, count: number, stretch: number): void {
  if (stretch === 1) {
    to.set(from.subarray(source, source + count), at);
    to.subarray(at, at + count).reverse();
    return;
  }
  for (let i = 0; i < count; i++) {
    const begin = source + (count - 1 - i) * stretch;
    const target = at + i * stretch;
    if (stretch > LONG) to.set(from.subarray(begin, begin + stretch), target);
    else for (let j = 0; j < stretch; j++) to[target + j] = from[begin + j] as number;
  }
}

/** Repeats a tensor along its axes: `Tile`, which broadcasting uses. The stock kernel works out every index anew. */
export const tile: WasmKernel = wrappedKernel<{ x: TensorInfo }, { readonly reps: number[] }>(
  Tile,
  (stock) =>
    (backend, { x }, { reps }) => {
      if (x.dtype === 'string') return stock();
      const out = backend.makeOutput(
        x.shape.map((size, axis) => size * (reps[axis] ?? 1)),
        x.dtype,
      );
      if (util.sizeFromShape(out.shape) === 0) return out;
      const { HEAPU8 } = backend.wasm;
      const [from, to] = [addressOf(backend, x), addressOf(backend, out)];
      let block = util.bytesPerElement(x.dtype);
      let blocks = util.sizeFromShape(x.shape);
      const total = util.sizeFromShape(out.shape) * block;
      // Axis by axis from the last, in place at the end of the output: what is read lies behind what is written.
      let at = to + total - blocks * block;
      HEAPU8.copyWithin(at, from, from + blocks * block);
      for (let axis = x.shape.length - 1; axis >= 0; axis--) {
        block *= x.shape[axis] ?? 1;
        blocks /= x.shape[axis] ?? 1;
        const times = reps[axis] ?? 1;
        if (times === 1) continue;
        const next = to + total - blocks * block * times;
        for (let i = 0; i < blocks; i++) {
          const start = next + i * block * times;
          HEAPU8.copyWithin(start, at + i * block, at + (i + 1) * block);
          for (let done = 1; done < times; ) {
            const more = Math.min(done, times - done);
            HEAPU8.copyWithin(start + done * block, start, start + more * block);
            done += more;
          }
        }
        at = next;
        block *= times;
      }
      return out;
    },
);
