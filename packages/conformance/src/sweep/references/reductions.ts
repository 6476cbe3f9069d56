import type { Numbers } from '../program.ts';
import { axesOf, eachIndex, fromFront, offsetOf, type References, sizeOf, tabulate } from './array.ts';

type Axis = number | readonly number[] | null | undefined;

/** The entries that each entry of a reduction is made of. */
function reduced(
  x: Numbers,
  axis: Axis,
  keep: boolean | undefined,
  dtype: Numbers['dtype'],
  of: (values: number[]) => number,
): Numbers {
  const axes = axesOf(axis, x.shape.length);
  const kept = x.shape.map((side, k) => (axes.includes(k) ? 1 : side));
  const groups: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  eachIndex(x.shape, (index, at) => {
    const own = index.map((i, k) => (axes.includes(k) ? 0 : i));
    groups[offsetOf(kept, own)]?.push(x.values[at] as number);
  });
  const shape = keep ? kept : x.shape.filter((_, k) => !axes.includes(k));
  return { shape, dtype, values: groups.map(of) };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]): number =>
  values.reduce((a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b)), -Infinity);
const least = (values: readonly number[]): number => -most(values.map((v) => -v));

function logSumExp(values: readonly number[]): number {
  const top = most(values);
  return Number.isFinite(top) ? top + Math.log(sum(values.map((v) => Math.exp(v - top)))) : top;
}

/** A running combination along an axis. */
function cumulative(combine: (a: number, b: number) => number, start: number) {
  return (x: Numbers, axis = 0, exclusive = false, reverse = false): Numbers => {
    const k = fromFront(axis, x.shape.length);
    const length = x.shape[k] as number;
    return tabulate(x.shape, x.dtype, (index) => {
      const at = index[k] as number;
      let total = start;
      const [first, last] = reverse ? [at + Number(exclusive), length - 1] : [0, at - Number(exclusive)];
      for (let i = first; i <= last; i++) {
        const own = [...index];
        own[k] = i;
        total = combine(total, x.values[offsetOf(x.shape, own)] as number);
      }
      return total;
    });
  };
}

const type = ({ dtype }: Numbers): Numbers['dtype'] => (dtype === 'bool' ? 'int32' : dtype);

/** Along the last axis, every entry from its row. */
const rows = (x: Numbers, f: (row: readonly number[]) => number[]): Numbers => {
  const length = x.shape.at(-1) as number;
  const values: number[] = [];
  for (let at = 0; at < x.values.length; at += length) values.push(...f(x.values.slice(at, at + length)));
  return { ...x, values };
};

const soft = (row: readonly number[]): number[] => {
  const total = logSumExp(row);
  return row.map((v) => (Math.abs(total) === Infinity ? Number.NaN : Math.exp(v - total)));
};

const first = (values: readonly number[], better: (a: number, b: number) => boolean): number =>
  values.reduce((best, v, i) => (better(v, values[best] as number) ? i : best), 0);

const real = (x: Numbers): number => (x.dtype === 'float32' ? 1 : 0);

export const reductionReferences: References = {
  sum: (x: Numbers, axis: Axis, keep?: boolean) => reduced(x, axis, keep, type(x), sum),
  mean: (x: Numbers, axis: Axis, keep?: boolean) =>
    reduced(x, axis, keep, 'float32', (values) => sum(values) / values.length),
  max: (x: Numbers, axis: Axis, keep?: boolean) => reduced(x, axis, keep, x.dtype, most),
  min: (x: Numbers, axis: Axis, keep?: boolean) => reduced(x, axis, keep, x.dtype, least),
  prod: (x: Numbers, axis: Axis, keep?: boolean) =>
    reduced(x, axis, keep, type(x), (values) => values.reduce(real(x) ? (a, b) => a * b : Math.imul, 1)),
  all: (x: Numbers, axis: Axis, keep?: boolean) => reduced(x, axis, keep, 'bool', (v) => Number(v.every(Boolean))),
  any: (x: Numbers, axis: Axis, keep?: boolean) => reduced(x, axis, keep, 'bool', (v) => Number(v.some(Boolean))),
  argMax: (x: Numbers, axis = 0) => reduced(x, axis, false, 'int32', (values) => first(values, (a, b) => a > b)),
  argMin: (x: Numbers, axis = 0) => reduced(x, axis, false, 'int32', (values) => first(values, (a, b) => a < b)),
  logSumExp: (x: Numbers, axis: Axis, keep?: boolean) => reduced(x, axis, keep, 'float32', logSumExp),
  euclideanNorm: (x: Numbers, axis: Axis, keep?: boolean) =>
    reduced(x, axis, keep, 'float32', (values) => Math.sqrt(sum(values.map((v) => v * v)))),
  softmax: (x: Numbers) => rows(x, soft),
  logSoftmax: (x: Numbers) =>
    rows(x, (row) => {
      const total = logSumExp(row);
      return row.map((v) => v - total);
    }),
  cumsum: cumulative((a, b) => a + b, 0),
  cumprod: cumulative((a, b) => a * b, 1),
};
