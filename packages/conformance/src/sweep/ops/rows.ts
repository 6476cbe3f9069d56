import type { Numbers } from '../program.ts';
import { front, number, type Ops, order, times } from './op.ts';

/** What reads and writes rows that other tensors choose, and what chooses them. */
export const rowOps: Ops = {
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
};
