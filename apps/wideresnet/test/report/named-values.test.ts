import { evaluationRecord } from '@steppe/train';
import { expect, test } from 'vitest';
import { evaluationLine, prefixOf, resultLine } from '../../src/report/named-values.ts';
import type { Summary } from '../../src/run/summary.ts';

const summary: Summary = {
  schema: 'steppe.summary/1',
  name: 'SGD, equal gradients',
  status: 'complete',
  steps: 6,
  epochs: 2,
  gradientEvaluations: 12,
  testError: 0.125,
  testLoss: 1e-7,
  testExamples: 24,
  testTop5Error: null,
  testCalibrationError: null,
  testStep: 6,
  validationError: null,
  validationLoss: null,
  validationExamples: null,
  validationTop5Error: null,
  validationCalibrationError: null,
  bestStep: null,
  stoppedEarly: false,
  sharpness: null,
  trainingLoss: 0.5,
  seconds: 4.25,
};

/** What Katib looks for in standard output when nobody says otherwise: its default metrics filter. */
const katib = /([\w|-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?)/g;

test('An evaluation is named after its split, and what else was measured too', () => {
  const measured = { examples: 24, errorRate: 0.125, loss: 0.4, top5Error: 0.01 };
  const record = evaluationRecord(measured, { step: 6, epoch: 2, split: 'validation', timestamp: 5 });
  expect(evaluationLine(record, '')).toBe(
    'epoch=2 step=6 validation_error=0.125 validation_loss=0.4 validation_top5_error=0.01',
  );
});

test('A run that another is compared with has its name before each of its values', () => {
  expect(prefixOf('SAM', true)).toBe('');
  expect(resultLine(summary, prefixOf(summary.name, false))).toContain('sgd_equal_gradients_test_error=0.125 ');
});

test('The last line has the numbers of summary.json, as sweep engines find them; what was not measured is left out', () => {
  const line = resultLine(summary, '');
  expect(line).toBe(
    'status=complete steps=6 epochs=2 gradient_evaluations=12 test_error=0.125 test_loss=1e-7 test_examples=24 test_step=6 stopped_early=false training_loss=0.5 seconds=4.25',
  );
  const found = Object.fromEntries([...line.matchAll(katib)].map(([, name, value]) => [name, Number(value)]));
  expect(found).toMatchObject({ test_error: 0.125, test_loss: 1e-7, seconds: 4.25 });
});
