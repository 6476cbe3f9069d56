import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { corners, drawTrials, gridOf, type Space } from '../../src/sweep/space.ts';

test('A grid has every combination once, the last option changing fastest', () => {
  expect(gridOf({ rho: [0.1, 0.2], seed: [0, 1] }, 'spec.yaml')).toEqual([
    { rho: 0.1, seed: 0 },
    { rho: 0.1, seed: 1 },
    { rho: 0.2, seed: 0 },
    { rho: 0.2, seed: 1 },
  ]);
  expect(gridOf({ rho: [0.1], lr: { low: 0, high: 1, log: false, whole: false } }, 'spec.yaml')).toBeUndefined();
});

test('A space of too many combinations is still checked at each of its values', () => {
  const many = Array.from({ length: 200 }, (_, i) => i);
  const all = corners({ a: many, b: many, c: ['x', 'y'] });
  expect(all.length).toBeLessThan(500);
  for (const [option, values] of [
    ['a', many],
    ['b', many],
    ['c', ['x', 'y']],
  ] as const)
    expect(new Set(all.map((settings) => settings[option]))).toEqual(new Set<unknown>(values));
});

const space = {
  lr: { low: 0.001, high: 1, log: true, whole: false },
  rho: { low: 0, high: 0.3, log: false, step: 0.1, whole: false },
  width: { low: 1, high: 4, log: false, step: 1, whole: true },
  p: [1, 2, Number.POSITIVE_INFINITY],
} satisfies Space;

property.prop([fc.integer({ min: 0 })])('Random trials lie in their ranges, and are those of their seed', (seed) => {
  const trials = drawTrials(space, 20, seed);
  expect(drawTrials(space, 20, seed)).toEqual(trials);
  expect(drawTrials(space, 5, seed)).toEqual(trials.slice(0, 5));
  for (const { lr, rho, width, p } of trials) {
    expect(lr).toBeGreaterThanOrEqual(0.001);
    expect(lr).toBeLessThanOrEqual(1);
    expect([0, 0.1, 0.2, 0.3]).toContain(rho);
    expect([1, 2, 3, 4]).toContain(width);
    expect(space.p).toContain(p);
  }
});

test('A range that is logarithmic is drawn evenly in the logarithm', () => {
  const logs = drawTrials(space, 3000, 0).map(({ lr }) => Math.log10(Number(lr)));
  // Each third of three powers of ten: 1000 of 3000, with a standard deviation of 26.
  for (const low of [-3, -2, -1]) {
    const within = logs.filter((log) => log >= low && log < low + 1).length;
    expect(Math.abs(within - 1000)).toBeLessThan(130);
  }
});
