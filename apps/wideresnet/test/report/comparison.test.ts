import { expect, test } from 'vitest';
import { aligned, resultsOf } from '../../src/report/comparison.ts';
import type { Summary } from '../../src/run/summary.ts';

const summary: Summary = {
  schema: 'steppe.summary/1',
  name: 'SAM',
  status: 'complete',
  steps: 1500,
  epochs: 20,
  gradientEvaluations: 3000,
  testError: 0.275,
  testLoss: 1.0861,
  testExamples: 1000,
  testTop5Error: null,
  testCalibrationError: null,
  testStep: 1500,
  validationError: null,
  validationLoss: null,
  validationExamples: null,
  validationTop5Error: null,
  validationCalibrationError: null,
  bestStep: null,
  stoppedEarly: false,
  sharpness: 0.05,
  trainingLoss: 1,
  seconds: 12.34,
};

test('results stand below each other, numbers to the right', () => {
  const stopped: Summary = {
    ...summary,
    name: 'SGD',
    status: 'interrupted',
    testError: null,
    testLoss: null,
    sharpness: null,
    steps: 7,
  };
  expect(aligned(resultsOf([summary, stopped])).join('\n')).toBe(
    `run                   test error  test loss  sharpness  steps  gradients  time
SAM                      27.50 %      1.086      0.050  1,500      3,000  12 s
SGD (interrupted)  not evaluated                            7      3,000  12 s`,
  );
});
