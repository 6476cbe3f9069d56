import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logTicks } from '../../src/sharpness/log-ticks.ts';

const marked = (values: readonly number[], room: number): readonly string[] => {
  const { ticks, tickFormat } = logTicks(values, room);
  return ticks.map(tickFormat);
};

test('marks are round numbers as a reader writes them, of one spelling in an axis', () => {
  expect(marked([20, 100], 8)).toEqual(['20', '50', '100']);
  expect(marked([20, 100], 10)).toEqual(['20', '30', '40', '50', '60', '70', '80', '90', '100']);
  expect(marked([1e-7, 1e-1], 8)).toEqual(['10⁻⁷', '10⁻⁶', '10⁻⁵', '10⁻⁴', '0.001', '0.01', '0.1']);
  expect(marked([1e-12, 1], 6)).toEqual(['10⁻¹²', '10⁻⁹', '10⁻⁶', '0.001', '1']);
  expect(marked([2e7, 6e7], 8)).toEqual(['2·10⁷', '3·10⁷', '4·10⁷', '5·10⁷', '6·10⁷']);
  expect(marked([0.31, 0.33], 8)).toEqual(['0.31', '0.33']);
  expect(marked([2, 2], 8)).toEqual(['2', '2']);
});

test('whatever is drawn has from 2 marks to the most, in order and within it', () => {
  const positive = fc.double({ min: 1e-30, max: 1e30, noNaN: true });
  fc.assert(
    fc.property(positive, positive, fc.integer({ min: 2, max: 10 }), (a, b, room) => {
      const [least, most] = [Math.min(a, b), Math.max(a, b)];
      const { ticks } = logTicks([a, b], room);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(room);
      expect([...ticks].sort((x, y) => x - y)).toEqual(ticks);
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(least * (1 - 1e-8));
        expect(tick).toBeLessThanOrEqual(most * (1 + 1e-8));
      }
    }),
    { seed: 15, numRuns: 300 },
  );
});
