import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  asyncSam,
  byGroup,
  constant,
  cosineDecay,
  decoupledWsam,
  join,
  linear,
  lossBudgetSam,
  piecewise,
  polynomial,
  prodigy,
  random,
  rhoFromLearningRate,
  type Schedule,
  samTransform,
  sassha,
  scheduleFree,
  sgd,
  unifiedSam,
  warmup,
  warmupStableDecay,
  withWarmup,
} from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const range = { rho: [0, 0.1], learningRate: [0.01, 0.1] } as const;

const SCHEDULES: { readonly [name: string]: Schedule } = {
  constant: constant(-0.3),
  linear: linear(0.5, -0.2, 7),
  polynomial: polynomial(-1, 2, 9, 3),
  cosineDecay: cosineDecay(0.2, 8, { alpha: -0.5 }),
  warmup: warmup(-0.4, 5),
  piecewise: piecewise(0.1, { 3: -4, 8: 0.5, 12: 10 }),
  join: join([warmup(0.1, 4), constant(0.3), linear(0.3, -0.1, 6)], [4, 9]),
  withWarmup: withWarmup(cosineDecay(0.2, 8, { alpha: 0.1 }), 6),
  warmupStableDecay: warmupStableDecay(-0.2, 20, 0.3, { warmup: 4, decay: 'cosine' }),
  rhoFromLearningRate: rhoFromLearningRate(linear(0.2, 0, 10), range),
};

describe('a schedule says between which numbers it stays', () => {
  test.each(Object.entries(SCHEDULES))('%s', (_, schedule) => {
    const reached = tf.tidy(() =>
      Array.from({ length: 30 }, (_, step) => schedule(tf.scalar(step, 'int32')).dataSync()[0] ?? Number.NaN),
    );
    const { values = [], sign } = schedule;
    // All of it lies between them, and no closer two would do.
    expect(Math.min(...values)).toBeCloseTo(Math.min(...reached), 6);
    expect(Math.max(...values)).toBeCloseTo(Math.max(...reached), 6);
    expect(sign).toBe(Math.min(...values) < 0 ? -1 : 1);
  });

  test('and one that is made of what does not say so says nothing', () => {
    const own: Schedule = (count) => tf.cast(count, 'float32');
    for (const schedule of [join([constant(1), own], [2]), withWarmup(own, 2), rhoFromLearningRate(own, range)])
      expect([schedule.values, schedule.sign]).toEqual([undefined, undefined]);
  });
});

const negative = constant(-1);
const group = (rho: Schedule) => byGroup({ all: { select: () => true, rho } });

describe('an option keeps its range as a schedule', () => {
  test.each<[string, () => unknown, string]>([
    ['λ above 1', () => unifiedSam(0.1, constant(2)), 'lambda, a schedule, must be in [0, 1], got 2.'],
    [
      'λ on its way out',
      () => unifiedSam(0.1, linear(0.5, -0.5, 9)),
      'lambda, a schedule, must be in [0, 1], got -0.5.',
    ],
    ['a power', () => sassha(0.1, { power: negative }), 'power, a schedule, must be in (0, 1], got -1.'],
    [
      'a power that begins at 0',
      () => sassha(0.1, { power: warmup(1, 9) }),
      'power, a schedule, must be in (0, 1], got 0.',
    ],
    [
      'ρ',
      () => samTransform(linear(0.1, -0.1, 9)),
      'rho, a schedule, must be a finite number of at least 0, got -0.1.',
    ],
    [
      'ρ of a group',
      () => group(negative),
      'rho of group "all", a schedule, must be a finite number of at least 0, got -1.',
    ],
    ['ρ without gradient', () => random(negative, 1), 'rho, a schedule, must be'],
    ['ρ of the last gradient', () => asyncSam(negative), 'rho, a schedule, must be'],
    [
      'ρ of a rate below its range',
      () => samTransform(rhoFromLearningRate(linear(0.1, 0, 9), range)),
      'rho, a schedule, must be',
    ],
    ['a budget', () => lossBudgetSam(negative, 1), 'sigma, a schedule, must be'],
    ['a rate', () => sgd(join([constant(0.1), negative], [5])), 'The learning rate, a schedule, must be'],
    ['a rate in the middle', () => adam(piecewise(0.1, { 5: -1, 9: -1 })), 'The learning rate, a schedule, must be'],
    ['a rate of Prodigy', () => prodigy(negative), 'The learning rate, a schedule, must be'],
    ['a rate of schedule-free', () => scheduleFree(sgd(0.1), negative), 'The learning rate, a schedule, must be'],
    ['a rate beside', () => decoupledWsam(sgd(0.1), 0.1, 0.5, negative), 'learningRate, a schedule, must be'],
    ['one that only says its sign', () => sgd(Object.assign(() => tf.scalar(-1), { sign: -1 as const })), 'got -1.'],
    [
      'one that says its values',
      () => sgd(Object.assign(() => tf.scalar(1), { values: [1, 1e39] })),
      'got 1e+39: too large.',
    ],
  ])('%s', (_, make, said) => {
    expect(make).toThrow(said);
  });

  test('to its very ends', () => {
    expect(() => unifiedSam(linear(0, 0.1, 3), linear(0, 1, 3))).not.toThrow();
    expect(() => sassha(0.1, { power: linear(0.5, 1, 3) })).not.toThrow();
    // 0.7·0.1 is a little less than 0.07, and the same as a float32.
    const rho = rhoFromLearningRate(cosineDecay(0.1, 9, { alpha: 0.7 }), { rho: [0, 0.1], learningRate: [0.07, 0.1] });
    expect(() => samTransform(rho)).not.toThrow();
    expect(() => unifiedSam(0.1, () => tf.scalar(2))).not.toThrow();
  });
});
