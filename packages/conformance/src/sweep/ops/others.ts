import type { Argument, Call, Numbers } from '../program.ts';
import type { Stream } from '../stream.ts';
import { type Ops, times } from './op.ts';

const complex = (s: Stream, shape: readonly number[]): Call => ({
  call: 'complex',
  args: [s.addends(shape), s.addends(shape)],
});

/** Of an infinity in a sum of waves, the order of its terms decides. */
const finite = (x: Numbers): Numbers => ({ ...x, values: x.values.map((v) => (Number.isFinite(v) ? v : 1)) });

const waves = (s: Stream): readonly Argument[] => {
  const { call, args } = complex(s, rows(s));
  return [{ call, args: args.map((part) => finite(part as Numbers)) }];
};

const rows = (s: Stream): number[] => [...s.shape(0, 2, 3), s.int(1, 9)];

const sorted = (x: Numbers): Numbers => ({ ...x, values: x.values.toSorted((a, b) => a - b) });

const list = (values: readonly number[], dtype: Numbers['dtype'] = 'int32'): Numbers => ({
  shape: [values.length],
  dtype,
  values,
});

const segments = (s: Stream): readonly Argument[] => {
  const x = s.addends([s.int(1, 4), s.int(1, 3)]);
  const count = s.int(1, 5);
  return [x, s.ints([count], 0, (x.shape[0] as number) - 1), sorted(s.ints([count], 0, 2))];
};

/** What has no gradient, or only for complex numbers: signals, ranges, sparse and ragged tensors. */
export const otherOps: Ops = {
  batchNorm: {
    draw: (s) => {
      const shape = [...s.shape(1, 3), s.int(1, 4)];
      const channels = [shape.at(-1) as number];
      const large = s.mood === 'special' && s.chance(0.2) ? 1e6 : 0;
      const shifted = (x: Numbers): Numbers => ({ ...x, values: x.values.map((v) => Math.fround(v + large)) });
      return [
        shifted(s.addends(shape)),
        shifted(s.addends(channels)),
        s.reals(channels, 0.2, 3),
        s.chance(0.7) ? s.addends(channels) : undefined,
        s.chance(0.7) ? s.addends(channels) : undefined,
        s.pick([undefined, 1e-5, 0.1]),
      ];
    },
    error: 'tensor',
  },
  localResponseNormalization: {
    draw: (s) => [
      s.addends([s.side(3), s.int(1, 3), s.int(1, 3), s.int(1, 6)]),
      s.int(0, 3),
      s.pick([1, 2]),
      s.pick([1, 0.3]),
      s.pick([0.5, 0.75]),
    ],
    error: 'tensor',
    tolerance: 1e-4,
  },
  moments: {
    draw: (s) => [s.addends([s.int(1, 3), s.int(1, 4), s.int(1, 4)]), s.axis(3), s.chance(0.5)],
    error: 'tensor',
  },
  real: { draw: (s) => [complex(s, s.shape(0, 3))], gradient: false },
  imag: { draw: (s) => [complex(s, s.shape(0, 3))], gradient: false },
  'abs of complex': { call: 'abs', draw: (s) => [complex(s, s.shape(0, 3))], gradient: false },
  fft: { draw: waves, gradient: false, error: 'tensor' },
  ifft: { draw: waves, gradient: false, error: 'tensor' },
  rfft: { draw: (s) => [finite(s.addends(rows(s)))], gradient: false, error: 'tensor' },
  linspace: { draw: (s) => [s.int(-5, 5), s.int(-5, 5), s.int(1, 7)], gradient: false, error: 'tensor' },
  range: {
    draw: (s) => [s.int(-5, 5), s.int(-5, 5), s.pick([1, 2, -1, 0.5]), 'float32'],
    gradient: false,
  },
  fill: { draw: (s) => [s.shape(0, 4), s.int(-3, 3), s.pick(['float32', 'int32', 'bool'])], gradient: false },
  diag: { draw: (s) => [s.reals(s.shape(1, 2, 3))], gradient: false },
  unique: { draw: (s) => [s.ints([s.int(1, 7)], -2, 2)], gradient: false },
  'unique of an axis': {
    call: 'unique',
    draw: (s) => [s.ints([s.int(1, 4), s.int(1, 3)], 0, 1), s.int(0, 1)],
    gradient: false,
  },
  broadcastArgs: {
    draw: (s) => {
      const shape = times(s.int(1, 4), () => s.int(1, 3));
      return [list(shape), list(shape.map((side) => (s.chance(0.5) ? 1 : side)).slice(s.int(0, shape.length - 1)))];
    },
    gradient: false,
  },
  searchSorted: {
    draw: (s) => {
      const length = s.int(1, 6);
      return [list(sorted(s.ints([length], -5, 5)).values), s.ints([s.int(1, 4)], -6, 6), s.pick(['left', 'right'])];
    },
    gradient: false,
  },
  sparseToDense: {
    draw: (s) => {
      const [count, length] = [s.int(1, 3), s.int(3, 6)];
      const places = times(length, (k) => k)
        .filter(() => s.chance(0.6))
        .slice(0, count);
      return places.length ? [list(places), s.reals([places.length]), [length], 0.5] : undefined;
    },
    gradient: false,
  },
  'sparse.sparseSegmentSum': { draw: segments, gradient: false, error: 'tensor' },
  'sparse.sparseSegmentMean': { draw: segments, gradient: false, error: 'tensor' },
  'sparse.sparseReshape': {
    draw: (s) => {
      const [a, b] = [s.int(1, 3), s.int(1, 3)];
      const indices: Numbers = { shape: [2, 2], dtype: 'int32', values: [0, 0, a - 1, b - 1] };
      return [indices, list([a, b]), list(s.chance(0.5) ? [a * b] : [b, -1])];
    },
    gradient: false,
  },
  'sparse.sparseFillEmptyRows': {
    draw: (s) => {
      const indices: Numbers = { shape: [2, 2], dtype: 'int32', values: [0, s.int(0, 2), s.int(1, 3), s.int(0, 2)] };
      return [indices, s.reals([2]), list([4, 3]), s.int(-2, 2)];
    },
    gradient: false,
  },
  'linalg.bandPart': {
    draw: (s) => [s.reals([...s.shape(0, 1), s.int(1, 4), s.int(1, 4)]), s.int(-1, 1), s.int(-1, 1)],
  },
};
