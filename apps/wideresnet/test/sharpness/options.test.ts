import { expect, test } from 'vitest';
import { readOptions } from '../../src/sharpness/options.ts';
import { measureTable } from '../../src/sharpness/table.ts';

test('who says nothing gets the usual measures on 500 training images, at the radius of the run', () => {
  const { measures, rho, step, ...rest } = readOptions({});
  expect(measures).toEqual(Object.entries(measureTable).flatMap(([name, { usual }]) => (usual ? [name] : [])));
  expect([rho, step]).toEqual([undefined, undefined]);
  expect(rest).toEqual({ axes: 'random', data: 'train', limit: 500, 'batch-norm': 'evaluation', seed: 0 });
});

test('measures are taken in the order of the table, each once', () => {
  expect(readOptions({ measures: 'surface, landscape,surface' }).measures).toEqual(['landscape', 'surface']);
  expect(readOptions({ measures: 'all' }).measures).toEqual(Object.keys(measureTable));
});

test('what is not allowed is refused in one line that says what is', () => {
  const refusals = [
    [{ measures: 'surfaze' }, /^--measures must be all or some of sam, .*, got "surfaze": did you mean surface\?$/],
    [{ measures: '' }, /^--measures must be all or some of .*, got ""\.$/],
    [{ data: 'validation' }, '--data must be one of train, test, got "validation".'],
    [{ limit: '0' }, '--limit must be a whole number of at least 1, got 0.'],
    [{ limit: 'many' }, '--limit must be a whole number of at least 1, got "many".'],
    [{ step: '0' }, '--step must be a whole number of at least 1, got 0.'],
    [{ rho: '-0.1' }, '--rho must be a finite number above 0, got -0.1.'],
    [{ p: '0.5' }, '--p must be a number of at least 1, or inf, got 0.5.'],
    [{ batchNorm: 'both' }, '--batch-norm must be one of evaluation, training, got "both".'],
    [{ seed: '1.5' }, /^--seed must be a whole number/],
  ] as const;
  for (const [said, message] of refusals) expect(() => readOptions(said)).toThrow(message);
  expect(readOptions({ p: 'inf' }).p).toBe(Number.POSITIVE_INFINITY);
});
