import { fc, test as law } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { axisOf, placeOn } from '../../src/report/axis.ts';

const value = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1000);

law.prop([fc.array(value, { minLength: 1, maxLength: 20 }), fc.integer({ min: 2, max: 8 })])(
  'an axis covers its values with rising marks, none of which lies outside',
  (values, count) => {
    const axis = axisOf(values, count);
    const slack = 1e-8 * (axis.high - axis.low);
    expect(axis.low).toBeLessThanOrEqual(Math.min(...values) + slack);
    expect(axis.high).toBeGreaterThanOrEqual(Math.max(...values) - slack);
    expect([...axis.ticks].sort((a, b) => a - b)).toEqual(axis.ticks);
    expect(axis.ticks.length).toBeGreaterThan(1);
    expect(axis.ticks.length).toBeLessThanOrEqual(count + 3);
    expect([axis.ticks[0], axis.ticks.at(-1)].map((tick) => placeOn(axis, tick!))).toEqual([0, 1]);
  },
);

test('an axis is marked at round numbers', () => {
  expect(axisOf([27.9, 68.2], 5).ticks).toEqual([20, 30, 40, 50, 60, 70]);
  expect(axisOf([0, 600], 6).ticks).toEqual([0, 100, 200, 300, 400, 500, 600]);
  expect(axisOf([0.12, 0.31], 4).ticks).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
});

test('a single value has an axis around it', () => {
  expect(axisOf([90], 4)).toEqual({ low: 50, high: 100, ticks: [50, 100] });
  expect(axisOf([0], 4).ticks).toEqual([0, 0.5]);
});
