import type { Schedule } from '@steppe/transforms';
import { type Entry, schedule } from './entry.ts';
import { lateSchedule, lateSchedules } from './nested.ts';
import { spare } from './param.ts';
import { boundaries, count, factors, finite, oneOf, pair, part, step } from './values.ts';

const steps = spare(count("over how many steps; the run's unless given"));

/** Every schedule, by name: adding one here is all that it takes. */
export const schedules = {
  constant: schedule({
    about: 'stays at one value',
    takes: { value: finite('the value') },
    example: 0.1,
    make: ({ constant }, { value }) => constant(value),
  }),
  linear: schedule({
    about: 'goes from one value to another in a straight line, then stays',
    takes: { from: finite('the first value'), to: finite('the last value'), steps },
    example: { from: 0.1, to: 0.05, steps: 100 },
    make: ({ linear }, { from, to, steps }, run) => linear(from, to, steps ?? run.steps),
  }),
  polynomial: schedule({
    about: 'goes from one value to another along a power, then stays',
    takes: {
      from: finite('the first value'),
      to: finite('the last value'),
      power: finite('1 is a straight line; above it most of the way is gone at first'),
      steps,
    },
    example: { from: 0.1, to: 0, power: 2 },
    make: ({ polynomial }, { from, to, power, steps }, run) => polynomial(from, to, steps ?? run.steps, power),
  }),
  cosineDecay: schedule({
    about: 'falls along half a cosine, then stays',
    takes: { from: finite('the first value'), steps, alpha: spare(finite('the share of it that remains'), 0) },
    example: 0.1,
    make: ({ cosineDecay }, { from, steps, ...options }, run) => cosineDecay(from, steps ?? run.steps, options),
  }),
  warmup: schedule({
    about: 'rises from 0 to a peak in a straight line, then stays',
    takes: { peak: finite('the last value'), steps: count('over how many steps') },
    example: { peak: 0.1, steps: 100 },
    make: ({ warmup }, { peak, steps }) => warmup(peak, steps),
  }),
  withWarmup: schedule({
    about: 'rises from 0 to where a schedule begins, then follows it over the rest of the run',
    takes: { schedule: lateSchedule('what it follows behind the warm-up'), steps: count('of the warm-up') },
    example: { schedule: { cosineDecay: 0.1 }, steps: 1 },
    make: ({ withWarmup }, { schedule, steps }, run) => withWarmup(schedule(run.steps - steps), steps),
  }),
  warmupStableDecay: schedule({
    about: 'stays at a peak for most of the run and falls to 0 in its tail',
    takes: {
      peak: finite('the value'),
      tail: spare(part('the share of the steps in which it falls'), 0.2),
      warmup: spare(step('the steps in which it rises to the peak at first'), 0),
      decay: spare(oneOf('linear', 'cosine')('how it falls'), 'linear'),
      steps,
    },
    example: { peak: 0.1, tail: 0.2 },
    make: ({ warmupStableDecay }, { peak, tail, steps, ...options }, run) =>
      warmupStableDecay(peak, steps ?? run.steps, tail, options),
  }),
  piecewise: schedule({
    about: 'multiplies a value by a factor at each of some steps',
    takes: { initial: finite('the first value'), factors: factors('from that step on it is multiplied') },
    example: { initial: 0.1, factors: { 60: 0.2, 120: 0.2 } },
    make: ({ piecewise }, { initial, factors }) => piecewise(initial, factors),
  }),
  join: schedule({
    about: 'follows one schedule after another, each for the steps up to the next',
    takes: {
      schedules: lateSchedules('what it follows, one after another'),
      boundaries: boundaries('the steps at which the next one begins: one fewer than the schedules'),
    },
    example: { schedules: [{ constant: 0.1 }, { cosineDecay: 0.1 }], boundaries: [1] },
    make: ({ join }, { schedules, boundaries }, run) =>
      join(
        schedules.map((each, i) => each((boundaries[i] ?? run.steps) - (boundaries[i - 1] ?? 0))),
        boundaries,
      ),
  }),
  rhoFromLearningRate: schedule({
    about: 'ties a radius to a learning rate, in a straight line',
    takes: {
      schedule: lateSchedule('of the learning rate'),
      rho: pair('the smallest and the largest radius'),
      learningRate: pair('the learning rates that these belong to'),
    },
    example: { schedule: { cosineDecay: 0.1 }, rho: [0.02, 0.1], learningRate: [0, 0.1] },
    make: ({ rhoFromLearningRate }, { schedule, rho, learningRate }) =>
      rhoFromLearningRate(schedule(), { rho, learningRate }),
  }),
} as const satisfies { readonly [name: string]: Entry<Schedule> };
