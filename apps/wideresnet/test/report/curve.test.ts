import { expect, test } from 'vitest';
import { type Curve, errorAt, lastError } from '../../src/report/curve.ts';

const curve: Curve = {
  name: 'SAM',
  points: [
    { gradients: 10, error: 0.6 },
    { gradients: 30, error: 0.2 },
  ],
};

test('a curve is read at its points and on the lines between them, and nowhere else', () => {
  expect([5, 10, 20, 30, 31].map((at) => errorAt(curve, at))).toEqual([undefined, 0.6, 0.4, 0.2, undefined]);
});

test('the last error is that of the last evaluation', () => {
  expect(lastError(curve)).toBe(0.2);
  expect(lastError({ name: 'SGD', points: [] })).toBeUndefined();
});
