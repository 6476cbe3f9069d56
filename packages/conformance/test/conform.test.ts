import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Case, conform, exactly, formatRows, gradientCase, referenceOf, valueCase } from '../src/index.ts';
import { mutant } from './mutant.ts';

const square = valueCase('square', [exactly([1, 2, 3])], (x: tf.Tensor1D) => tf.square(x));

/** A case whose numbers are those of a reference, plus something. */
const against = async (expected: number[], actual: number[], tolerance = 0) => {
  const reference = await referenceOf('cpu', [valueCase('x', [exactly(expected)], (x: tf.Tensor1D) => x)]);
  const [row] = await conform('cpu', [valueCase('x', [exactly(actual)], (x: tf.Tensor1D) => x, tolerance)], {
    reference,
  });
  return row;
};

describe('conform', () => {
  beforeAll(async () => void (await useBackend('cpu')));

  test('takes errors relative to the largest number', async () => {
    expect(await against([100, 1], [100, 2], 0.01)).toMatchObject({ passed: true, error: 0.01, reason: '' });
    expect(await against([100, 1], [100, 2], 0.009)).toMatchObject({
      passed: false,
      error: 0.01,
      reason: 'entry 1 is 2 in place of 1',
    });
  });

  test('lets NaN agree with NaN and infinity with itself only', async () => {
    const [nan, infinity] = [Number.NaN, Number.POSITIVE_INFINITY];
    expect(await against([nan, infinity, -infinity, 1], [nan, infinity, -infinity, 1])).toMatchObject({
      passed: true,
      error: 0,
    });
    for (const [expected, actual] of [
      [nan, 1],
      [1, nan],
      [infinity, 1],
      [1, infinity],
      [infinity, -infinity],
      [infinity, nan],
    ] as const)
      expect(await against([expected], [actual], 1e9)).toMatchObject({ passed: false, error: infinity });
  });

  test('holds the shapes, the types and the number of tensors', async () => {
    const cases = (run: () => tf.Tensor | tf.Tensor[]): Case[] => [{ name: 'x', tolerance: 1, run }];
    const reference = await referenceOf(
      'cpu',
      cases(() => tf.zeros([2, 3])),
    );
    const reason = async (run: () => tf.Tensor | tf.Tensor[]) =>
      (await conform('cpu', cases(run), { reference }))[0]?.reason;
    expect(await reason(() => tf.zeros([2, 3]))).toBe('');
    expect(await reason(() => tf.zeros([3, 2]))).toBe('gives float32 [3,2] in place of float32 [2,3]');
    expect(await reason(() => tf.zeros([2, 3], 'int32'))).toBe('gives int32 [2,3] in place of float32 [2,3]');
    expect(await reason(() => [tf.zeros([2, 3]), tf.zeros([2, 3])])).toBe('gives 2 tensors in place of 1');
  });

  test('finds tensors that a case leaves behind, and waits for asynchronous ones', async () => {
    const leaky: Case = {
      name: 'leaky',
      tolerance: 0,
      run: async () => {
        await Promise.resolve();
        tf.keep(tf.scalar(1));
        return tf.scalar(2);
      },
    };
    expect(await conform('cpu', [leaky])).toMatchObject([{ passed: false, reason: 'leaves 2 tensors or data behind' }]);
  });

  test('tells where in a tree of results the error lies', async () => {
    const shifted = (by: number): Case => valueCase('x', [], () => ({ a: tf.scalar(1), b: [tf.scalar(2 + by)] }));
    const reference = await referenceOf('cpu', [shifted(0)]);
    expect((await conform('cpu', [shifted(1)], { reference }))[0]?.reason).toBe('at .b[0] entry 0 is 3 in place of 2');
  });

  test('reports a reference that throws, and goes on', async () => {
    const rows = await mutant('Square', 'throwing', (reference) => conform('cpu', [square], { reference }));
    expect(rows).toMatchObject([{ passed: false, reason: 'the reference threw: Square is broken' }]);
  });

  test('keeps the current backend, also after an error', async () => {
    await useBackend('wasm');
    await conform('cpu', [square]);
    expect(tf.getBackend()).toBe('wasm');
    const error = new Error('stop');
    const onRow = () => {
      throw error;
    };
    await expect(conform('cpu', [square], { onRow })).rejects.toBe(error);
    expect(tf.getBackend()).toBe('wasm');
    await useBackend('cpu');
  });

  test('shows each row as it comes, and gives them in the order of the cases', async () => {
    const refusable: Case = { ...square, name: 'may refuse', refusable: true };
    const seen: string[] = [];
    const rows = await conform('cpu', [refusable, square], { onRow: ({ name }) => void seen.push(name) });
    expect(seen).toEqual(['square', 'may refuse']);
    expect(rows.map(({ name }) => name)).toEqual(['may refuse', 'square']);
  });

  test('gives gradients for float32 inputs', async () => {
    const cubes = gradientCase('cube', [exactly([2])], (x: tf.Tensor1D) => tf.mul(x, tf.square(x)));
    const outcome = (await referenceOf('cpu', [cubes])).get('cube');
    if (!outcome || 'thrown' in outcome) return expect.fail('it threw');
    const [value, gradient] = outcome.tensors;
    expect(value).toMatchObject({ path: '.value', shape: [1], dtype: 'float32' });
    expect(value?.values[0]).toBe(8);
    // u lies between a half and one.
    expect(gradient?.values[0]).toBeGreaterThan(6);
    expect(gradient?.values[0]).toBeLessThan(12);
  });

  test('refuses what cannot be run', async () => {
    await expect(conform('gpu', [square])).rejects.toThrow('tfjs knows no backend "gpu": call useBackend first');
    await expect(conform('cpu', [square, square])).rejects.toThrow(
      'Two cases are called "square": give each its own name.',
    );
    await expect(conform('cpu', [square], { reference: new Map() })).rejects.toThrow(
      'The reference lacks the case "square": make it by referenceOf of the same cases.',
    );
    const relu = tf.getGradient('Relu');
    tf.unregisterGradient('Relu');
    try {
      await expect(conform('cpu', [square])).rejects.toThrow('tfjs has no gradients registered');
    } finally {
      tf.registerGradient(relu);
    }
  });
});

test('formatRows lays rows out and counts them', () => {
  const rows = [
    { name: 'a', passed: true, error: 0, tolerance: 0, reason: '' },
    { name: 'long', passed: false, error: 0.25, tolerance: 1e-5, reason: 'entry 0 is 1 in place of 2' },
    { name: 'c', passed: true, error: Number.NaN, tolerance: 1e-5, reason: 'refused: rank' },
  ];
  expect(formatRows(rows).split('\n')).toEqual([
    'ok     a     0         of 0',
    'FAILED long  2.5e-1    of 1.0e-5    entry 0 is 1 in place of 2',
    'ok     c     -         of 1.0e-5    refused: rank',
    '2 passed, 1 failed',
  ]);
});
