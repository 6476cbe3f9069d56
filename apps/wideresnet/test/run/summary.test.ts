import { describe, expect, test } from 'vitest';
import { type Summary, summaryLine } from '../../src/run/summary.ts';

const whole: Summary = {
  schema: 'steppe.summary/1',
  name: 'SAM',
  status: 'complete',
  steps: 468,
  epochs: 3,
  gradientEvaluations: 936,
  testError: 0.1534,
  testLoss: 0.4,
  testExamples: 1000,
  testStep: 468,
  sharpness: null,
  trainingLoss: 0.3,
  seconds: 125,
};

describe('the line of a summary', () => {
  test('gives error, accuracy, cost and time', () => {
    expect(summaryLine(whole)).toBe(
      'SAM: test error 15.34 % (accuracy 84.66 %) on 1,000 held-out images, 936 gradient evaluations, 2 min 05 s',
    );
  });

  test('says which step was evaluated when the run was interrupted after it', () => {
    expect(summaryLine({ ...whole, status: 'interrupted', testStep: 312, steps: 400 })).toMatch(
      /held-out images at step 312, .*, interrupted after step 400$/,
    );
  });

  test('does not claim an error that was not measured', () => {
    const none = { testError: null, testLoss: null, testExamples: null, testStep: null } as const;
    expect(summaryLine({ ...whole, ...none, status: 'interrupted', steps: 1 })).toMatch(/^SAM: not evaluated, /);
  });
});
