import { type EvaluationRecord, evaluationRecord } from '@steppe/train';
import { describe, expect, test } from 'vitest';
import { isOutOfPatience, nothingYet, select } from '../../src/run/selection.ts';

const at = (step: number, errorRate: number, loss = 1): EvaluationRecord =>
  evaluationRecord({ errorRate, loss, examples: 10 }, { step, epoch: step, split: 'validation' });

const after = (...records: readonly EvaluationRecord[]) => records.reduce(select, nothingYet);

describe('the choice of the best evaluation', () => {
  test('takes the fewest errors, of as many the smallest loss, of equal ones the first', () => {
    expect(after(at(1, 0.3), at(2, 0.2), at(3, 0.25)).best?.step).toBe(2);
    expect(after(at(1, 0.2, 0.5), at(2, 0.2, 0.4), at(3, 0.2, 0.6)).best?.step).toBe(2);
    expect(after(at(1, 0.2), at(2, 0.2)).best?.step).toBe(1);
  });

  test('is out of patience after so many in a row that are no better', () => {
    const bad = [at(2, 0.3), at(3, 0.4)];
    expect([1, 2, 3, undefined].map((patience) => isOutOfPatience(after(at(1, 0.2), ...bad), patience))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isOutOfPatience(after(at(1, 0.2), ...bad, at(4, 0.1)), 1)).toBe(false);
    expect(isOutOfPatience(nothingYet, 1)).toBe(false);
  });

  test('can be saved: it is plain data', () => {
    const selection = after(at(1, 0.2), at(2, 0.3));
    expect(select(JSON.parse(JSON.stringify(selection)), at(3, 0.1))).toEqual(select(selection, at(3, 0.1)));
  });
});
