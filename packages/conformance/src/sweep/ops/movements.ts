import type { Argument, Numbers } from '../program.ts';
import type { Stream } from '../stream.ts';
import { broadcastable, type Ops, times } from './op.ts';

/** A tensor of any type. */
const any = (s: Stream, shape: readonly number[]): Numbers =>
  s.pick([() => s.reals(shape), () => s.reals(shape), () => s.ints(shape, -9, 9), () => s.bools(shape)])();

/** One of float32 or int32. */
const number = (s: Stream, shape: readonly number[]): Numbers =>
  s.chance(0.75) ? s.reals(shape) : s.ints(shape, -9, 9);

const front = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Whole parts of a side. */
function partsOf(s: Stream, side: number): number[] {
  const cuts = times(s.int(0, 2), () => s.int(0, side)).toSorted((a, b) => a - b);
  return [...cuts, side].map((cut, k) => cut - (k ? (cuts[k - 1] as number) : 0));
}

const order = (s: Stream, rank: number): number[] => {
  const rest = times(rank, (k) => k);
  return times(rank, () => rest.splice(s.int(0, rest.length - 1), 1)[0] as number);
};

const blocks = (s: Stream, sides: number): number[] => times(sides, () => s.int(1, 3));

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
  gather: {
    draw: (s) => {
      const shape = s.shape(1, 4);
      const axis = s.axis(shape.length);
      const at = front(axis, shape.length);
      if (!shape[at]) return undefined;
      const batchDims = s.chance(0.5) ? s.int(0, at) : 0;
      const indices = [...shape.slice(0, batchDims), ...s.shape(0, 2)];
      return [number(s, shape), s.ints(indices, 0, (shape[at] as number) - 1), axis, batchDims];
    },
  },
  gatherND: {
    draw: (s) => {
      const shape = s.shape(1, 4);
      const depth = s.int(1, shape.length);
      if (shape.includes(0)) return undefined;
      const outer = s.shape(1, 2);
      const rows = outer.reduce((n, side) => n * side, 1);
      const values = times(rows, () => shape.slice(0, depth).map((side) => s.int(0, side - 1))).flat();
      return [number(s, shape), { shape: [...outer, depth], dtype: 'int32', values }];
    },
  },
  scatterND: {
    draw: (s) => {
      const shape = times(s.int(1, 3), () => s.int(1, 4));
      const depth = s.int(1, shape.length);
      const rows = s.int(1, 5);
      const values = times(rows, () => shape.slice(0, depth).map((side) => s.int(0, side - 1))).flat();
      const indices: Numbers = { shape: [rows, depth], dtype: 'int32', values };
      return [indices, s.addends([rows, ...shape.slice(depth)]), shape];
    },
    error: 'tensor',
  },
  tensorScatterUpdate: {
    draw: (s) => {
      const shape = times(s.int(1, 3), () => s.int(1, 4));
      const rows = order(s, shape[0] as number).slice(0, s.int(1, shape[0] as number));
      const indices: Numbers = { shape: [rows.length, 1], dtype: 'int32', values: rows };
      return [s.reals(shape), indices, s.reals([rows.length, ...shape.slice(1)])];
    },
  },
  unsortedSegmentSum: {
    draw: (s) => {
      const x = s.addends(s.shape(1, 3));
      const count = s.int(1, 4);
      return [x, s.ints([x.shape[0] as number], 0, count - 1), count];
    },
    error: 'tensor',
  },
  oneHot: {
    draw: (s) => [
      s.ints(s.shape(0, 3), -1, 5),
      s.int(2, 5),
      ...(s.chance(0.5) ? [s.int(1, 3), s.int(-2, 0), s.pick(['int32', 'float32'])] : []),
    ],
    gradient: false,
  },
  topk: {
    draw: (s) => {
      const shape = [...s.shape(0, 3), s.int(1, 6)];
      return [s.ordered(shape), s.int(1, shape.at(-1) as number)];
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
  pad: {
    draw: (s) => {
      const x = number(s, s.shape(1, 5, 3));
      return [x, x.shape.map(() => [s.int(0, 2), s.int(0, 2)]), s.pick([undefined, 0, 7, -1])];
    },
  },
  mirrorPad: {
    draw: (s) => {
      const x = number(s, s.shape(1, 4));
      const mode = s.pick(['reflect', 'symmetric']);
      if (x.shape.includes(0)) return undefined;
      const most = (side: number): number => Math.min(3, mode === 'reflect' ? side - 1 : side);
      return [x, x.shape.map((side) => [s.int(0, most(side)), s.int(0, most(side))]), mode];
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
  depthToSpace: {
    draw: (s) => {
      const block = s.int(2, 3);
      const [n, h, w, c] = [s.side(3), s.side(3), s.side(3), block * block * s.int(1, 2)];
      return [s.reals([n, h, w, c]), block];
    },
  },
  spaceToBatchND: {
    draw: (s) => {
      const block = blocks(s, s.int(1, 2));
      const sides = block.map((b) => ({ b, side: b * s.int(1, 3), before: s.int(0, 2) }));
      const paddings = sides.map(({ b, before }) => [before, (b - (before % b)) % b]);
      return [s.reals([s.side(3), ...sides.map(({ side }) => side), ...s.shape(1, 1, 3)]), block, paddings];
    },
  },
  batchToSpaceND: {
    draw: (s) => {
      const block = blocks(s, s.int(1, 2));
      const batch = s.int(1, 2) * block.reduce((a, b) => a * b, 1);
      const sides = block.map(() => s.int(1, 3));
      const crops: Argument = block.map((b, k) => {
        const before = s.int(0, Math.min(2, b * (sides[k] as number) - 1));
        return [before, s.int(0, Math.min(2, b * (sides[k] as number) - 1 - before))];
      });
      return [s.reals([batch, ...sides, ...s.shape(1, 1, 3)]), block, crops];
    },
  },
};
