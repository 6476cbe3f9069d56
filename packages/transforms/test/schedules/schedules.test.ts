import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { constant, cosineDecay, join, linear, piecewise, type Schedule, warmup } from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const at = (schedule: Schedule, step: number): number =>
  tf.tidy(() => schedule(tf.scalar(step, 'int32'))).dataSync()[0] ?? Number.NaN;
const steps = fc.integer({ min: 0, max: 200 });
const totals = fc.integer({ min: 1, max: 100 });
const values = fc.double({ min: -10, max: 10, noNaN: true });

test('constant stays', () => {
  fc.assert(
    fc.property(values, steps, (value, step) => {
      expect(at(constant(value), step)).toBe(Math.fround(value));
    }),
  );
});

test('linear is a straight line, then stays', () => {
  fc.assert(
    fc.property(values, values, totals, steps, (from, to, total, step) => {
      const expected = from + (to - from) * Math.min(1, step / total);
      expect(at(linear(from, to, total), step)).toBeCloseTo(expected, 4);
    }),
  );
});

test('cosineDecay is half a cosine down to alpha of the start, then stays', () => {
  fc.assert(
    fc.property(values, totals, steps, fc.double({ min: 0, max: 1, noNaN: true }), (from, total, step, alpha) => {
      const half = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, step / total)));
      expect(at(cosineDecay(from, total, { alpha }), step)).toBeCloseTo(from * (alpha + (1 - alpha) * half), 4);
    }),
  );
});

test('warmup rises from 0 to the peak', () => {
  expect([0, 1, 2, 3, 4, 5].map((step) => at(warmup(2, 4), step))).toEqual([0, 0.5, 1, 1.5, 2, 2]);
});

test('piecewise multiplies from each step on, in whatever order the steps are given', () => {
  const rate = piecewise(8, { 5: 0.5, 2: 0.25 });
  expect([0, 1, 2, 4, 5, 9].map((step) => at(rate, step))).toEqual([8, 8, 2, 2, 1, 1]);
});

test('join starts each schedule at 0 where the one before it ends', () => {
  const rate = join([warmup(4, 4), constant(9), linear(8, 0, 4)], [4, 6]);
  expect([0, 3, 4, 5, 6, 7, 10, 99].map((step) => at(rate, step))).toEqual([0, 3, 9, 9, 8, 6, 0, 0]);
});

test('a schedule leaves one tensor, and takes the count as it is', () => {
  const count = tf.scalar(3, 'int32');
  const schedules = [
    constant(1),
    linear(0, 1, 4),
    cosineDecay(1, 9),
    warmup(1, 2),
    piecewise(1, { 2: 0.5 }),
    join([constant(1), constant(2)], [2]),
  ];
  const before = tf.memory().numTensors;
  const results = schedules.map((schedule) => schedule(count));
  expect(tf.memory().numTensors - before).toBe(results.length);
  for (const result of results) expect([result.dtype, result.shape]).toEqual(['float32', []]);
  tf.dispose(results);
  expect(count.dataSync()[0]).toBe(3);
  count.dispose();
});

describe('refuses', () => {
  test.each([0, -1, 2.5, Number.NaN])('%s steps', (count) => {
    const said = `must be a positive whole number of steps, got ${count}.`;
    expect(() => linear(0, 1, count)).toThrow(`The count of linear ${said}`);
    expect(() => cosineDecay(1, count)).toThrow(`The count of cosineDecay ${said}`);
    expect(() => warmup(1, count)).toThrow(`The count of warmup ${said}`);
  });

  test('steps that are none and factors that are not finite', () => {
    expect(() => piecewise(1, { 2.5: 1 })).toThrow('piecewise takes whole steps and finite factors, got {"2.5":1}.');
    expect(() => piecewise(1, JSON.parse('{"soon":1}'))).toThrow('piecewise takes whole steps');
    expect(() => piecewise(1, { 2: Number.NaN })).toThrow('piecewise takes whole steps');
  });

  test('boundaries that do not fit the schedules', () => {
    const some = [constant(1), constant(2), constant(3)];
    expect(() => join(some, [1])).toThrow(
      'join takes one boundary fewer than schedules, got 3 schedules and 1 boundaries.',
    );
    expect(() => join([], [])).toThrow('join takes one boundary fewer');
    for (const boundaries of [
      [2, 2],
      [3, 1],
      [1, 2.5],
      [Number.NaN, 2],
    ])
      expect(() => join(some, boundaries)).toThrow(
        `The boundaries of join are whole steps that rise, got [${boundaries}].`,
      );
  });
});
