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
  testTop5Error: null,
  testCalibrationError: null,
  testStep: 468,
  validationError: null,
  validationLoss: null,
  validationExamples: null,
  validationTop5Error: null,
  validationCalibrationError: null,
  bestStep: null,
  stoppedEarly: false,
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

  test('says by what the weights were chosen, and that the run ended early', () => {
    const best = { validationError: 0.2, validationLoss: 0.5, validationExamples: 50, bestStep: 156, testStep: 156 };
    expect(summaryLine({ ...whole, ...best })).toMatch(
      /^SAM: test error 15.34 % .* held-out images, .*, the best of validation \(20.00 % at step 156\)$/,
    );
    expect(summaryLine({ ...whole, ...best, stoppedEarly: true })).toMatch(
      /step 156\), stopped after step 468: it got no better$/,
    );
  });

  test('does not claim an error that was not measured', () => {
    const none = { testError: null, testLoss: null, testExamples: null, testStep: null } as const;
    expect(summaryLine({ ...whole, ...none, status: 'interrupted', steps: 1 })).toMatch(/^SAM: not evaluated, /);
  });
});
