import type { Numbers } from '../program.ts';
import type { Stream } from '../stream.ts';
import { broadcastable, front, number, type Ops, order, times } from './op.ts';

/** A tensor of any type. */
const any = (s: Stream, shape: readonly number[]): Numbers =>
  s.pick([() => s.reals(shape), () => s.reals(shape), () => s.ints(shape, -9, 9), () => s.bools(shape)])();

/** Whole parts of a side. */
function partsOf(s: Stream, side: number): number[] {
  const cuts = times(s.int(0, 2), () => s.int(0, side)).toSorted((a, b) => a - b);
  return [...cuts, side].map((cut, k) => cut - (k ? (cuts[k - 1] as number) : 0));
}

export const movementOps: Ops = {
  concat: {
    draw: (s) => {
      const shape = s.shape(1, 5, 3);
      const axis = s.axis(shape.length);
      const kind = s.int(0, 3);
      const part = (): Numbers => {
        const own = shape.map((side, k) => (k === front(axis, shape.length) ? s.side(3) : side));
        return kind === 0 ? s.ints(own, -9, 9) : kind === 1 ? s.bools(own) : s.reals(own);
      };
      return [times(s.int(1, 4), part), axis];
    },
  },
  stack: {
    draw: (s) => {
      const shape = s.shape(0, 4, 3);
      return [times(s.int(1, 4), () => s.reals(shape)), s.axis(shape.length + 1)];
    },
  },
  unstack: {
    draw: (s) => {
      const shape = s.shape(1, 5, 3);
      const axis = s.axis(shape.length);
      return shape[front(axis, shape.length)] ? [any(s, shape), axis] : undefined;
    },
  },
  split: {
    draw: (s) => {
      const shape = s.shape(1, 4);
      const axis = s.axis(shape.length);
      return [number(s, shape), partsOf(s, shape[front(axis, shape.length)] as number), axis];
    },
  },
  slice: {
    draw: (s) => {
      const shape = s.shape(1, 5);
      const begin = shape.map((side) => s.int(0, side));
      return [
        any(s, shape),
        begin,
        shape.map((side, k) => (s.chance(0.3) ? -1 : s.int(0, side - (begin[k] as number)))),
      ];
    },
  },
  stridedSlice: {
    draw: (s) => {
      const shape = s.shape(1, 4, 5);
      const rank = shape.length;
      const place = (): number => s.int(-6, 6);
      const shrink = s.chance(0.2) ? s.int(0, 2 ** rank - 1) : 0;
      const begin = shape.map((side, k) => (shrink & (1 << k) ? s.int(0, side - 1) : place()));
      if (shape.some((side, k) => side === 0 && shrink & (1 << k))) return undefined;
      const strides = shape.map((_, k) => (shrink & (1 << k) ? 1 : s.pick([1, 2, 3, -1, -2])));
      const end = shape.map((_, k) => (shrink & (1 << k) ? (begin[k] as number) + 1 : place()));
      const mask = (): number => (s.chance(0.4) ? s.int(0, 2 ** rank - 1) & ~shrink : 0);
      return [number(s, shape), begin, end, strides, mask(), mask(), 0, 0, shrink];
    },
  },
  tile: {
    draw: (s) => {
      const x = any(s, s.shape(1, 5, 3));
      return [x, x.shape.map(() => s.int(s.chance(0.1) ? 0 : 1, 3))];
    },
  },
  transpose: {
    draw: (s) => {
      const x = any(s, s.shape(0, 6, 3));
      return s.chance(0.2) ? [x] : [x, order(s, x.shape.length)];
    },
  },
  reshape: {
    draw: (s) => {
      const x = any(s, s.shape(0, 4));
      return [x, s.chance(0.5) ? [x.values.length] : [1, ...x.shape, 1]];
    },
  },
  expandDims: {
    draw: (s) => {
      const x = any(s, s.shape(0, 4));
      return [x, s.axis(x.shape.length + 1)];
    },
  },
  squeeze: {
    draw: (s) => {
      const x = any(s, [...s.shape(0, 3), 1]);
      return s.chance(0.5) ? [x] : [x, [s.chance(0.5) ? -1 : x.shape.length - 1]];
    },
  },
  reverse: {
    draw: (s) => {
      const x = any(s, s.shape(1, 4));
      const axes = x.shape.map((_, k) => k).filter(() => s.chance(0.5));
      return s.chance(0.3)
        ? [x]
        : [x, s.chance(0.5) ? s.axis(x.shape.length) : axes.map((k) => (s.chance(0.5) ? k - x.shape.length : k))];
    },
  },
  broadcastTo: {
    draw: (s) => {
      const [a, b] = broadcastable(s);
      const full = a.length < b.length ? b : a;
      if (full.includes(0)) return undefined;
      const x = s.chance(0.75) ? s.reals(a.length < b.length ? a : b) : s.ints(a.length < b.length ? a : b, -9, 9);
      const skip = full.length - x.shape.length;
      return [x, full.map((side, k) => (side === 1 ? (x.shape[k - skip] ?? 1) : side))];
    },
  },
};
