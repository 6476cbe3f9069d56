import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Schedule } from '../../src/index.ts';
import * as transforms from '../../src/index.ts';
import { constant, lateSam, warmupStableDecay, withWarmup } from '../../src/index.ts';
// Made by `tools/vectors/schedules.py`, in float64 by optax.
import values from '../fixtures/schedules.json' with { type: 'json' };

beforeAll(() => tf.setBackend('cpu'));

const at = (schedule: Schedule, step: number): number =>
  tf.tidy(() => schedule(tf.scalar(step, 'int32'))).dataSync()[0] ?? Number.NaN;

test.each(Object.entries(values))('%s has the values of optax', (code, expected) => {
  const schedule: Schedule = runInNewContext(code, { ...transforms });
  const largest = Math.max(...expected.map(Math.abs));
  for (const [step, value] of expected.entries())
    expect(Math.abs(at(schedule, step) - value), `step ${step}`).toBeLessThan(2e-6 * largest);
});

describe('warmupStableDecay', () => {
  test('decays just where late SAM of the same tail is SAM', () => {
    for (const [steps, tail] of [
      [10, 0.3],
      [7, 0.5],
      [13, 0.25],
    ] as const) {
      const [rate, { costAt }] = [warmupStableDecay(1, steps, tail), lateSam(0.1, steps, tail)];
      const isSam = Array.from({ length: steps }, (_, step) => costAt?.(step) === 2);
      const decays = Array.from({ length: steps }, (_, step) => at(rate, step + 1) < 1);
      expect(decays).toEqual(isSam);
    }
  });

  test('takes a warm-up up to the decay, and a tail that rounds to the last step', () => {
    const rate = warmupStableDecay(1, 4, 0.5, { warmup: 2 });
    expect([0, 1, 2, 3, 4].map((step) => at(rate, step))).toEqual([0, 0.5, 1, 0.5, 0]);
    const short = warmupStableDecay(1, 3, 0.01);
    expect([0, 2, 3].map((step) => at(short, step))).toEqual([1, 1, 0]);
  });

  test('refuses a warm-up that is longer, in one line', () => {
    expect(() => warmupStableDecay(1, 10, 0.5, { warmup: 6 })).toThrow(
      'The warmup must end before the decay begins, at step 5, got 6 steps.',
    );
    expect(() => warmupStableDecay(1, 10, 0)).toThrow('tail must be in (0, 1], got 0.');
  });
});

test('what says its sign says it with a warm-up too, and what does not does not', () => {
  expect([withWarmup(constant(-1), 2).sign, withWarmup(constant(1), 2).sign]).toEqual([-1, 1]);
  expect(withWarmup((count) => tf.cast(count, 'float32'), 2).sign).toBeUndefined();
  expect([warmupStableDecay(-1, 10).sign, warmupStableDecay(1, 10).sign]).toEqual([-1, 1]);
});
