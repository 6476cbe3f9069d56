import type { Argument, Numbers } from '../program.ts';
import type { Stream } from '../stream.ts';
import type { Op, Ops } from './op.ts';

/** No axes, one, or several, some counted from the back. */
function axes(s: Stream, rank: number): Argument {
  if (rank === 0 || s.chance(0.2)) return undefined;
  if (s.chance(0.4)) return s.axis(rank);
  const chosen = Array.from({ length: rank }, (_, k) => k).filter(() => s.chance(0.5));
  return chosen.map((k) => (s.chance(0.5) ? k - rank : k));
}

const over =
  (draw: (s: Stream, shape: number[]) => Numbers) =>
  (s: Stream): readonly Argument[] => {
    const x = draw(s, s.shape(0, 5));
    return [x, axes(s, x.shape.length), s.chance(0.4)];
  };

const sums = over((s, shape) => (s.chance(0.8) ? s.addends(shape) : s.ints(shape, -1000, 1000)));
const orders = over((s, shape) => (shape.includes(0) || s.chance(0.8) ? s.reals(shape) : s.ints(shape, -9, 9)));
const bools = over((s, shape) => s.bools(shape));

const full = (x: Numbers): boolean => x.values.length > 0;

const place = (s: Stream): readonly Argument[] | undefined => {
  const x = s.chance(0.8) ? s.ordered(s.shape(1, 4)) : s.ints(s.shape(1, 4), -9, 9);
  return full(x) ? [x, s.axis(x.shape.length)] : undefined;
};

const running: Op = {
  draw: (s) => {
    const x = s.chance(0.8) ? s.addends(s.shape(1, 4)) : s.ints(s.shape(1, 4), -3, 3);
    return [x, s.axis(x.shape.length), s.chance(0.4), s.chance(0.4)];
  },
  error: 'tensor',
};

const onRows: Op = {
  draw: (s) => [s.addends([...s.shape(0, 3), s.int(1, 6)])],
  error: 'tensor',
};

export const reductionOps: Ops = {
  sum: { draw: sums, error: 'tensor' },
  mean: { draw: sums, error: 'tensor' },
  max: { draw: orders },
  min: { draw: orders },
  prod: {
    draw: over((s, shape) => (s.chance(0.7) ? s.addends(shape) : s.ints(shape, -40, 40))),
    error: 'tensor',
  },
  all: { draw: bools, gradient: false },
  any: { draw: bools, gradient: false },
  argMax: { draw: place, gradient: false },
  argMin: { draw: place, gradient: false },
  logSumExp: { draw: over((s, shape) => s.plain(shape)), error: 'tensor' },
  euclideanNorm: {
    draw: (s) => {
      const x = s.plain(s.shape(1, 4));
      return [x, s.chance(0.5) ? undefined : s.axis(x.shape.length), s.chance(0.4)];
    },
    error: 'tensor',
  },
  softmax: onRows,
  logSoftmax: { ...onRows, draw: (s) => [s.plain([...s.shape(0, 3), s.int(1, 6)])] },
  cumsum: running,
  cumprod: running,
  bincount: {
    draw: (s) => {
      const ids = s.ints([s.int(0, 8)], 0, 4);
      return [ids, s.chance(0.5) ? s.reals(ids.shape) : s.reals([0]), s.int(1, 6)];
    },
    gradient: false,
    error: 'tensor',
  },
  denseBincount: {
    draw: (s) => {
      const ids = s.ints(s.chance(0.5) ? [s.int(1, 8)] : [s.int(1, 4), s.int(1, 6)], 0, 4);
      return [ids, s.chance(0.5) ? s.reals(ids.shape) : s.reals([0]), s.int(1, 6), s.chance(0.3)];
    },
    gradient: false,
    error: 'tensor',
  },
};
