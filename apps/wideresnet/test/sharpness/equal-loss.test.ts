import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseEqual, nearly } from '../../src/sharpness/equal-loss.ts';

const of = (...losses: readonly [number, ...number[]]) => {
  const [first, ...rest] = losses.map((loss, i) => ({ step: 100 - i, loss }));
  return [first as { step: number; loss: number }, ...rest] as const;
};

test('weights that the runs ended with are taken where their losses are nearly equal', () => {
  expect(chooseEqual([of(0.5, 0.49), of(0.52, 0.5)])).toEqual({ chosen: [0, 0], ratio: 1.04, isEqual: true });
});

test('the run that has gone further is looked at where it stood at the loss of the other', () => {
  const { chosen, isEqual } = chooseEqual([of(0.4, 0.9), of(0.02, 0.1, 0.41, 1.1)]);
  expect([chosen, isEqual]).toEqual([[0, 2], true]);
  // Neither end is at the loss of the other.
  expect(chooseEqual([of(0.4, 0.8), of(0.02, 0.81)]).chosen).toEqual([1, 1]);
});

test('where no weights are nearly equal the last ones stay, and that is known', () => {
  const { chosen, isEqual, ratio } = chooseEqual([of(0.4, 0.9), of(0.02, 0.1), of(0.4)]);
  expect([chosen, isEqual]).toEqual([[0, 0, 0], false]);
  expect(ratio).toBeCloseTo(20);
});

test('what is called equal is, and is only called so of weights that differ by a tenth at most', () => {
  const losses = fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(losses, { minLength: 2, maxLength: 3 }), (all) => {
      const runs = all.map((each) => of(...(each as [number, ...number[]])));
      const { chosen, isEqual } = chooseEqual(runs);
      const taken = chosen.map((index, run) => all[run]?.[index] as number);
      expect(isEqual).toBe(Math.max(...taken) / Math.min(...taken) <= nearly);
      if (!isEqual) expect(chosen).toEqual(all.map(() => 0));
    }),
    { seed: 24, numRuns: 200 },
  );
});
