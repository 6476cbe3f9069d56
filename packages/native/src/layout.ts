import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Refusal } from './arguments/refusal.ts';
import { sizeOf } from './memory/data.ts';

/** The most dimensions that the C loops walk through, after neighbours are merged. */
export const maxRank = 8;

const extents = new Int32Array(64);
const firsts = new Int32Array(64);
const seconds = new Int32Array(64);

/** The most dimensions that have room here; a kernel refuses or splits what has more than `maxRank` after merging. */
const room = extents.length;

/** Writes shape, first strides and second strides of `rank` dimensions, kept innermost first above, outermost first. */
function emit(words: Int32Array, rank: number): number {
  if (rank > maxRank) return rank;
  for (let d = 0; d < rank; d++) {
    const from = rank - 1 - d;
    words[d] = extents[from] ?? 0;
    words[rank + d] = firsts[from] ?? 0;
    words[2 * rank + d] = seconds[from] ?? 0;
  }
  return rank;
}

/** Adds a dimension outside the others, or merges it with its inner neighbour where both tensors go on evenly. */
function push(rank: number, extent: number, first: number, second: number): number {
  if (extent === 1) return rank;
  const inner = rank - 1;
  if (rank > 0) {
    const width = extents[inner] ?? 0;
    if (first === (firsts[inner] ?? 0) * width && second === (seconds[inner] ?? 0) * width) {
      extents[inner] = width * extent;
      return rank;
    }
  }
  if (rank === room) throw new Refusal(`A tensor has at most ${room} dimensions that cannot be merged.`);
  extents[rank] = extent;
  firsts[rank] = first;
  seconds[rank] = second;
  return rank + 1;
}

function scalar(rank: number): number {
  return rank > 0 ? rank : push1();
}

function push1(): number {
  extents[0] = 1;
  firsts[0] = 1;
  seconds[0] = 1;
  return 1;
}

/** Describes `a` and `b` broadcast to `shape`; returns the rank after merging. */
export function broadcastLayout(
  words: Int32Array,
  shape: readonly number[],
  a: readonly number[],
  b: readonly number[],
): number {
  let rank = 0;
  let strideA = 1;
  let strideB = 1;
  for (let d = 1; d <= shape.length; d++) {
    const extentA = a[a.length - d] ?? 1;
    const extentB = b[b.length - d] ?? 1;
    rank = push(rank, shape[shape.length - d] ?? 1, extentA === 1 ? 0 : strideA, extentB === 1 ? 0 : strideB);
    strideA *= extentA;
    strideB *= extentB;
  }
  return emit(words, scalar(rank));
}

/** Describes a copy of a block of `shape` with strides for target and source; returns the rank after merging. */
export function copyLayout(
  words: Int32Array,
  shape: readonly number[],
  target: readonly number[],
  source: readonly number[],
): number {
  let rank = 0;
  for (let d = shape.length - 1; d >= 0; d--) rank = push(rank, shape[d] ?? 1, target[d] ?? 0, source[d] ?? 0);
  return emit(words, scalar(rank));
}

/** Row-major strides of a dense tensor. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d] ?? 1;
  }
  return strides;
}

/** A reduction over `axes` as [outer, reduced, inner], or `undefined` where the axes are not neighbours. */
export function reduceLayout(
  x: TensorInfo,
  axes: readonly number[],
): readonly [outer: number, reduced: number, inner: number] | undefined {
  const first = Math.min(...axes);
  const last = Math.max(...axes);
  for (let d = first; d <= last; d++) {
    if (!axes.includes(d) && x.shape[d] !== 1) return undefined;
  }
  if (axes.length === 0) return [sizeOf(x.shape), 1, 1];
  return [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first, last + 1)), sizeOf(x.shape.slice(last + 1))];
}
