import { expect, test } from 'vitest';
import { regionAround } from '../src/training/region.ts';

test.each([
  [1, 7, 5],
  [2, 13, 9],
])(
  'a region of fineness %i has %i by %i places, all as far apart, with a margin around what it shows',
  (fineness, columns, rows) => {
    for (const [width, height] of [
      [3, 1],
      [1, 3],
    ] as const) {
      const { xs, ys } = regionAround(
        [
          [10, 20],
          [10 + width, 20 + height],
        ],
        fineness,
      );
      expect([xs.length, ys.length]).toEqual([columns, rows]);
      const step = (xs[1] as number) - (xs[0] as number);
      for (const values of [xs, ys])
        for (const [i, value] of values.entries()) expect(value).toBeCloseTo((values[0] as number) + i * step, 10);
      const margins = [10 - (xs[0] as number), 20 - (ys[0] as number)];
      expect(Math.min(...margins)).toBeCloseTo(0.2 * step * (height > width ? rows - 1 : columns - 1), 10);
      expect((xs.at(-1) as number) - (10 + width)).toBeCloseTo(margins[0] as number, 10);
      expect((ys.at(-1) as number) - (20 + height)).toBeCloseTo(margins[1] as number, 10);
    }
  },
);
