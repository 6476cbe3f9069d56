import { checkNumber, checkRecord, finite, refusal } from '@steppe/check';
import { asScalar } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkFunctions } from '../links/check-link.ts';
import { schedule } from './schedule.ts';

/**
 * Multiplies a value by a factor at each of some steps, and keeps it between them: step decay.
 *
 * A fall by the same factor every k steps is `piecewise(0.1, Object.fromEntries([30, 60, 90].map((n) => [n, 0.1])))`.
 *
 * @param factors - From step to factor; from that step on the value is multiplied by it.
 * @throws When a step is not a whole number or a factor is not finite.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { piecewise } from '@steppe/transforms';
 *
 * const rate = piecewise(0.1, { 60: 0.2, 120: 0.2 });
 * console.log(rate(tf.scalar(60, 'int32')).arraySync().toFixed(3)); // => 0.020
 * ```
 */
export function piecewise(initial: number, factors: { readonly [step: number]: number }): Schedule {
  checkNumber('The first value of piecewise', initial, finite);
  checkRecord('The factors of piecewise', factors);
  const boundaries = Object.entries(factors).map(([step, factor]) => [Number(step), factor] as const);
  for (const [step, factor] of boundaries)
    if (!Number.isInteger(step) || !Number.isFinite(factor))
      throw new Error(`piecewise takes whole steps and finite factors, got ${JSON.stringify(factors)}.`);
  const values = [initial];
  for (const [, factor] of [...boundaries].sort(([a], [b]) => a - b)) values.push((values.at(-1) ?? initial) * factor);
  return schedule(call('piecewise', initial, factors), values, (at) =>
    boundaries.reduce<Scalar>(
      (value, [step, factor]) => tf.mul(value, tf.where(tf.greaterEqual(at, step), tf.scalar(factor), tf.scalar(1))),
      tf.scalar(initial),
    ),
  );
}

/**
 * Follows one schedule after another; each starts to count at 0 where the one before it ends.
 *
 * @param boundaries - The steps at which the next schedule begins, rising; one fewer than the schedules.
 * @throws When the numbers of schedules and boundaries do not fit, or the boundaries are not whole numbers that rise.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { constant, join, linear } from '@steppe/transforms';
 *
 * const rho = join([constant(0), linear(0, 0.1, 100)], [50]);
 * console.log(rho(tf.scalar(100, 'int32')).arraySync().toFixed(3)); // => 0.050
 * ```
 */
export function join(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  for (const [name, list] of Object.entries({ schedules, boundaries }))
    if (!Array.isArray(list)) throw refusal(`The ${name} of join`, 'a list', list);
  for (const part of schedules) checkFunctions({ 'A schedule of join': part });
  const [first, ...rest] = schedules;
  if (first === undefined || rest.length !== boundaries.length)
    throw new Error(
      `join takes one boundary fewer than schedules, got ${schedules.length} schedules and ${boundaries.length} boundaries.`,
    );
  if (boundaries.some((step, i) => !Number.isInteger(step) || step <= (boundaries[i - 1] ?? Number.NEGATIVE_INFINITY)))
    throw new Error(`The boundaries of join are whole steps that rise, got [${boundaries}].`);
  const joined = (at: Scalar): Scalar =>
    rest.reduce<Scalar>((value, next, i) => {
      const start = boundaries[i] as number;
      return asScalar(tf.where(tf.greaterEqual(at, start), next(tf.sub(at, tf.scalar(start, 'int32'))), value));
    }, first(at));
  const known = schedules.every(({ sign }) => sign !== undefined);
  const bounded = schedules.every(({ values }) => values !== undefined);
  return Object.assign(
    (at: Scalar) => tf.tidy(() => joined(at)),
    { made: call('join', schedules, boundaries).made },
    known && { sign: schedules.some(({ sign }) => sign === -1) ? (-1 as const) : (1 as const) },
    bounded && { values: schedules.flatMap(({ values = [] }) => values) },
  );
}
