import { fc, test } from '@fast-check/vitest';
import * as transforms from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { namesOf } from '../../src/options/option.ts';
import { type ScheduleEntry, type ScheduleParts, schedules } from '../../src/options/schedules.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

type Name = keyof typeof schedules;

/** The rates at some steps of a run of 100, rounded. */
function ratesOf(name: Name, at: readonly number[], parts: Partial<ScheduleParts> = {}): number[] {
  const { make }: ScheduleEntry = schedules[name];
  const rate = make(transforms, { rate: 1, steps: 100, warmup: 0, ...parts });
  return at.map((step) => tf.tidy(() => Number(rate(tf.scalar(step, 'int32')).dataSync()[0]?.toFixed(4))));
}

describe('the learning rate', () => {
  test('falls as its schedule says', () => {
    expect(ratesOf('cosine', [0, 50, 100])).toEqual([1, 0.5, 0]);
    expect(ratesOf('step', [0, 29, 30, 60, 80])).toEqual([1, 1, 0.2, 0.04, 0.008]);
    expect(ratesOf('polynomial', [0, 25, 100])).toEqual([1, 0.75, 0]);
    expect(ratesOf('polynomial', [50], { power: 2 })).toEqual([0.25]);
    expect(ratesOf('constant', [0, 99])).toEqual([1, 1]);
    expect(ratesOf('wsd', [0, 80, 90, 100])).toEqual([1, 1, 0.5, 0]);
    expect(ratesOf('wsd', [50, 75], { cooldown: 0.5 })).toEqual([1, 0.5]);
  });

  test('rises first where there is a warm-up, which is a part of the run', () => {
    for (const name of namesOf(schedules)) expect(ratesOf(name, [0, 5, 10], { warmup: 10 }), name).toEqual([0, 0.5, 1]);
    expect(ratesOf('cosine', [55, 100], { warmup: 10 })).toEqual([0.5, 0]);
    expect(ratesOf('step', [29, 30, 60], { warmup: 10 })).toEqual([1, 0.2, 0.04]);
    expect(ratesOf('wsd', [90, 100], { warmup: 10 })).toEqual([0.5, 0]);
  });

  test.prop([
    fc.constantFrom(...namesOf(schedules)),
    fc.integer({ min: 1, max: 40 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ])(
    'stays between 0 and its highest in runs of any length, for every warm-up that is allowed',
    (name, steps, share) => {
      const { warmupUntil }: ScheduleEntry = schedules[name];
      const warmup = Math.round(share * warmupUntil({ rate: 1, steps }));
      const rates = ratesOf(name, [0, warmup, steps - 1, steps], { steps, warmup });
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    },
  );
});
