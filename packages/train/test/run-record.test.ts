import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { changeRecord, evaluationRecord, parseRecord, printRecord, type RunRecord, stepRecord } from '../src/index.ts';

const at = { step: 3, epoch: 1, gradientEvaluations: 6, seconds: 1.5, timestamp: 1_796_031_234.5 };

describe('stepRecord', () => {
  test('takes the sharpness as the difference of the losses and the rate as the scale turned around', () => {
    const report = { perturbedLoss: 2.5, gradientNorm: 4, epsilonHatNorm: 0.05, rho: 0.05, scale: -0.1, clip: 0.5 };
    expect(stepRecord({ loss: 2, metrics: { errorRate: 0.25 }, report }, at)).toStrictEqual({
      schema: 1,
      type: 'step',
      ...at,
      loss: 2,
      perturbedLoss: 2.5,
      sharpness: 0.5,
      gradientNorm: 4,
      epsilonHatNorm: 0.05,
      learningRate: 0.1,
      rho: 0.05,
      metrics: { clip: 0.5, errorRate: 0.25 },
    });
  });

  test('leaves out what an optimizer without SAM does not report', () => {
    const record = stepRecord({ loss: 2, metrics: {}, report: {} }, at);
    expect(record).toStrictEqual({ schema: 1, type: 'step', ...at, loss: 2, metrics: {} });
  });

  test('leaves out a time that nobody gave', () => {
    const { timestamp: _, ...elsewhere } = at;
    expect(stepRecord({ loss: 2, metrics: {}, report: {} }, elsewhere)).not.toHaveProperty('timestamp');
  });

  test('gives a rate of 0 its own sign', () => {
    expect(stepRecord({ loss: 2, metrics: {}, report: { scale: 0 } }, at).learningRate).toBe(0);
  });
});

test('evaluationRecord puts the loss and the error rate first and the rest into metrics', () => {
  const measured = { examples: 10, loss: 0.5, errorRate: 0.25, top5: 0.1 };
  expect(evaluationRecord(measured, { step: 3, epoch: 1, split: 'test', timestamp: 9 })).toStrictEqual({
    schema: 1,
    type: 'evaluation',
    step: 3,
    epoch: 1,
    split: 'test',
    timestamp: 9,
    examples: 10,
    loss: 0.5,
    errorRate: 0.25,
    metrics: { top5: 0.1 },
  });
});

const number = fc.double().map((x) => x + 0); // JSON has no -0, and a log needs none
const numbers = fc.dictionary(fc.string(), number, { noNullPrototype: true });
const records: fc.Arbitrary<RunRecord> = fc.oneof(
  fc
    .tuple(fc.record({ loss: number, metrics: numbers, report: numbers }), fc.boolean())
    .map(([read, withSam]) =>
      stepRecord(withSam ? { ...read, report: { ...read.report, perturbedLoss: read.loss, scale: 1 } } : read, at),
    ),
  fc
    .record({ measured: numbers, split: fc.oneof(fc.string(), fc.constant('NaN')) })
    .map(({ measured, split }) => evaluationRecord({ ...measured, examples: 7 }, { step: 3, epoch: 1, split })),
  fc.constant(changeRecord({ step: 3, timestamp: 9 }, { epochs: [2, 4], backend: ['cpu', 'wasm'], steps: [null, 7] })),
);

describe('printRecord and parseRecord', () => {
  property.prop([records])('keep every record, also of numbers that JSON does not have', (record) => {
    const line = printRecord(record);
    expect(line).not.toContain('\n');
    expect(parseRecord(line)).toEqual(record);
  });

  test('keep fields of tomorrow', () => {
    const line = printRecord(stepRecord({ loss: 2, metrics: {}, report: {} }, at)).replace('{', '{"new":[1],');
    expect(parseRecord(line)).toHaveProperty('new', [1]);
  });

  const step = '"step":1,"epoch":0,"loss":1,"gradientEvaluations":2,"seconds":3';
  test.each([
    ['no JSON', '{"schema":1,', 'A run record is a line of JSON, got "{\\"schema\\":1,".'],
    ['a list', '[1]', 'A run record is a JSON object, got [1].'],
    ['another schema', '{"schema":2}', 'reads run records of schema 1, got 2: update @steppe/train.'],
    ['no schema', '{}', 'got undefined'],
    [
      'another type',
      '{"schema":1,"type":"toString"}',
      'has the type "step", "evaluation" or "change", got "toString".',
    ],
    [
      'a missing number',
      '{"schema":1,"type":"step","step":1}',
      'A step record needs a number as epoch, got undefined.',
    ],
    [
      'a string as rho',
      `{"schema":1,"type":"step",${step},"rho":"0,05","metrics":{}}`,
      'needs a number as rho, got "0,05".',
    ],
    [
      'a date as timestamp',
      `{"schema":1,"type":"step",${step},"timestamp":"2026-11-29","metrics":{}}`,
      'needs a number as timestamp, got "2026-11-29".',
    ],
    ['a change of nothing', '{"schema":1,"type":"change","step":1}', 'A change record needs changes'],
    [
      'half a change',
      '{"schema":1,"type":"change","step":1,"changes":{"lr":[1]}}',
      'the values before and from here on',
    ],
    ['no metrics', `{"schema":1,"type":"step",${step}}`, 'A step record needs a record of numbers as metrics.'],
    [
      'a metric of null',
      `{"schema":1,"type":"step",${step},"metrics":{"a":null}}`,
      'needs a number as metrics.a, got null.',
    ],
    [
      'no split',
      '{"schema":1,"type":"evaluation","step":1,"epoch":0,"examples":1,"metrics":{}}',
      'as split, got undefined.',
    ],
  ])('refuse %s', (_, line, message) => {
    expect(() => parseRecord(line)).toThrow(message);
  });
});
