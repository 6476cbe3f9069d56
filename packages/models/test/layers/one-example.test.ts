import * as tf from '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { batchNorm, initBatchNorm } from '../../src/index.ts';

test('a batch of one example in training warns once, and no other does', () => {
  const { params, state } = initBatchNorm(2);
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const of = (shape: number[], training = true) => batchNorm(params, state, tf.ones(shape), { training });
  of([2, 2]);
  of([1, 2], false);
  expect(warn).not.toHaveBeenCalled();
  for (const shape of [
    [1, 2],
    [1, 2],
    [1, 3, 3, 2],
  ])
    of(shape);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain('a batch of one example and normalizes by one value a channel');
  warn.mockRestore();
});
