import type { Numbers } from '../program.ts';
import { at, fromFront, type References, tabulate } from './array.ts';

const withAxis = (index: readonly number[], k: number, value: number): number[] => [
  ...index.slice(0, k),
  value,
  ...index.slice(k + 1),
];

const sized = (shape: readonly number[], k: number, side: number): number[] => withAxis(shape, k, side);

function concat(xs: readonly Numbers[], axis = 0): Numbers {
  const first = xs[0] as Numbers;
  const k = fromFront(axis, first.shape.length);
  const side = xs.reduce((total, { shape }) => total + (shape[k] as number), 0);
  return tabulate(sized(first.shape, k, side), first.dtype, (index) => {
    let place = index[k] as number;
    const x = xs.find(({ shape }) => {
      if (place < (shape[k] as number)) return true;
      place -= shape[k] as number;
      return false;
    }) as Numbers;
    return at(x, ...withAxis(index, k, place));
  });
}

export const slice = (x: Numbers, begin: readonly number[], sizes: readonly number[]): Numbers =>
  tabulate(
    sizes.map((n, k) => (n === -1 ? (x.shape[k] as number) - (begin[k] as number) : n)),
    x.dtype,
    (index) => at(x, ...index.map((i, k) => i + (begin[k] as number))),
  );

function split(x: Numbers, parts: number | readonly number[], axis = 0): Numbers[] {
  const k = fromFront(axis, x.shape.length);
  const sides =
    typeof parts === 'number' ? Array.from({ length: parts }, () => (x.shape[k] as number) / parts) : [...parts];
  let from = 0;
  return sides.map((side) => {
    const begin = x.shape.map((_, i) => (i === k ? from : 0));
    from += side;
    return slice(x, begin, sized(x.shape, k, side));
  });
}

function stridedSlice(
  x: Numbers,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  beginMask = 0,
  endMask = 0,
  _ellipsis = 0,
  _newAxis = 0,
  shrinkMask = 0,
): Numbers {
  const lists = x.shape.map((side, k) => {
    if (k >= begin.length) return Array.from({ length: side }, (_, i) => i);
    const step = strides[k] as number;
    const clamp = (v: number): number =>
      step > 0 ? Math.min(Math.max(v, 0), side) : Math.min(Math.max(v, -1), side - 1);
    const place = (v: number): number => clamp(v < 0 ? v + side : v);
    if (shrinkMask & (1 << k)) return [fromFront(begin[k] as number, side)];
    const first = beginMask & (1 << k) ? (step > 0 ? 0 : side - 1) : place(begin[k] as number);
    const last = endMask & (1 << k) ? (step > 0 ? side : -1) : place(end[k] as number);
    const list: number[] = [];
    for (let i = first; step > 0 ? i < last : i > last; i += step) list.push(i);
    return list;
  });
  const whole = tabulate(
    lists.map(({ length }) => length),
    x.dtype,
    (index) => at(x, ...index.map((i, k) => lists[k]?.[i] as number)),
  );
  return { ...whole, shape: whole.shape.filter((_, k) => !(shrinkMask & (1 << k))) };
}

export function transpose(
  x: Numbers,
  order: readonly number[] = x.shape.map((_, k) => x.shape.length - 1 - k),
): Numbers {
  const axes = order.map((k) => fromFront(k, x.shape.length));
  return tabulate(
    axes.map((k) => x.shape[k] as number),
    x.dtype,
    (index) => {
      const from = x.shape.map(() => 0);
      for (const [k, axis] of axes.entries()) from[axis] = index[k] as number;
      return at(x, ...from);
    },
  );
}

export const reshape = (x: Numbers, shape: readonly number[]): Numbers => ({ ...x, shape: [...shape] });

export const movementReferences: References = {
  concat,
  slice,
  split,
  stridedSlice,
  transpose,
  reshape,
  stack: (xs: readonly Numbers[], axis = 0) => {
    const k = fromFront(axis, (xs[0] as Numbers).shape.length + 1);
    return concat(
      xs.map((x) => reshape(x, [...x.shape.slice(0, k), 1, ...x.shape.slice(k)])),
      k,
    );
  },
  unstack: (x: Numbers, axis = 0) => {
    const k = fromFront(axis, x.shape.length);
    return split(x, x.shape[k] as number, k).map((part) =>
      reshape(
        part,
        part.shape.filter((_, i) => i !== k),
      ),
    );
  },
  tile: (x: Numbers, reps: readonly number[]) =>
    tabulate(
      x.shape.map((side, k) => side * (reps[k] as number)),
      x.dtype,
      (index) => at(x, ...index.map((i, k) => i % (x.shape[k] as number))),
    ),
  broadcastTo: (x: Numbers, shape: readonly number[]) => {
    const skip = shape.length - x.shape.length;
    return tabulate(shape, x.dtype, (index) =>
      at(x, ...x.shape.map((side, k) => (side === 1 ? 0 : (index[k + skip] as number)))),
    );
  },
  expandDims: (x: Numbers, axis = 0) => {
    const k = fromFront(axis, x.shape.length + 1);
    return reshape(x, [...x.shape.slice(0, k), 1, ...x.shape.slice(k)]);
  },
  squeeze: (x: Numbers, axes?: readonly number[]) =>
    reshape(
      x,
      x.shape.filter((side, k) => side !== 1 || (axes && !axes.map((a) => fromFront(a, x.shape.length)).includes(k))),
    ),
  reverse: (x: Numbers, axis?: number | readonly number[]) => {
    const axes = (axis === undefined ? x.shape.map((_, k) => k) : [axis].flat()).map((k) =>
      fromFront(k as number, x.shape.length),
    );
    return tabulate(x.shape, x.dtype, (index) =>
      at(x, ...index.map((i, k) => (axes.includes(k) ? (x.shape[k] as number) - 1 - i : i))),
    );
  },
};
