import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { duration, grouped, oneLine, percent, plural } from '../../src/report/format.ts';

describe('duration', () => {
  test.each([
    [0, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3599.6, '1 h 00 min'],
    [7260, '2 h 01 min'],
    [864_000, '10 days'],
    [Number.POSITIVE_INFINITY, 'unknown'],
  ])('of %d seconds', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  test.prop([fc.double({ min: 0, max: 1e9, noNaN: true })])('never shows 60 of a unit', (seconds) => {
    expect(duration(seconds)).not.toMatch(/\b60 (s|min)/);
  });
});

test('shares, numbers and plurals are written as people write them', () => {
  expect([percent(0.12345), percent(1, 0), grouped(36_479_194), plural(1, 'step'), plural(2000, 'step')]).toEqual([
    '12.35 %',
    '100 %',
    '36,479,194',
    '1 step',
    '2,000 steps',
  ]);
});

test.prop([fc.string({ unit: 'binary' })])('one line stays one line', (text) => {
  expect(oneLine(text)).not.toMatch(/[\r\n]/);
});
