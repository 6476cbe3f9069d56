import type { Stream } from '../stream.ts';
import { padding, steps, stepsAndDilations } from './convolutions.ts';
import { type Op, type Ops, times } from './op.ts';

const windows = (s: Stream, sides: number): number[] | number =>
  s.chance(0.4) ? s.int(1, 4) : times(sides, () => s.int(1, s.chance(0.15) ? 7 : 3));

const least = (sizes: number | readonly number[]): number => (typeof sizes === 'number' ? sizes : Math.min(...sizes));

const pool2d: Op = {
  draw: (s) => {
    const sizes = windows(s, 2);
    const { pad, mode } = padding(s, least(sizes), 2, true);
    return [s.addends([s.side(3), s.side(7), s.side(7), s.int(1, 3)]), sizes, steps(s, 2), pad, mode];
  },
  error: 'tensor',
};

const pool3d: Op = {
  draw: (s) => {
    const sizes = windows(s, 3);
    const { pad, mode } = padding(s, least(sizes), 3, false);
    return [s.addends([s.side(3), ...times(3, () => s.side(5)), s.int(1, 3)]), sizes, steps(s, 3), pad, mode];
  },
  error: 'tensor',
};

export const poolOps: Ops = {
  maxPool: pool2d,
  avgPool: pool2d,
  maxPool3d: pool3d,
  avgPool3d: pool3d,
  pool: {
    draw: (s) => {
      const sizes = windows(s, 2);
      const [strides, dilations] = stepsAndDilations(s, 2);
      const pad = s.pick(['same', 'valid']);
      const x = s.addends([s.side(3), s.side(7), s.side(7), s.int(1, 3)]);
      return [x, sizes, s.pick(['max', 'avg']), pad, dilations, strides];
    },
    error: 'tensor',
  },
  maxPoolWithArgmax: {
    draw: (s) => {
      const x = s.ordered([s.int(1, 3), s.int(1, 7), s.int(1, 7), s.int(1, 3)]);
      return [x, windows(s, 2), steps(s, 2), s.pick(['same', 'valid']), s.chance(0.5)];
    },
    gradient: false,
  },
};
