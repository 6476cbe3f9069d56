import { checkNumber, finite } from '@steppe/check';
import { scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from './call.ts';
import { checkFunctions } from './check-link.ts';
import { type Count, increment, valueAt, zeroCount } from './counted.ts';
import { stateful } from './lift.ts';

/**
 * Multiplies the gradient by what a schedule says: g ↦ s(t)·g, with t the number of updates before this one.
 *
 * The learning rate enters negative, since updates are added. The report gains `scale`. A schedule of your own says
 * whether it is negative, so that nothing that moves along the gradient is put behind it:
 * `Object.assign((count) => ..., { sign: -1 })`.
 *
 * @throws When the schedule is not a function.
 * @see optax.scale_by_schedule
 *
 * @example
 * ```ts
 * import { chain, cosineDecay, samTransform, scaleBySchedule } from '@steppe/transforms';
 *
 * const optimizer = chain(samTransform(0.05), scaleBySchedule(cosineDecay(-0.1, 1000)));
 * console.log(optimizer.gradientCost); // => 2
 * ```
 */
export function scaleBySchedule(schedule: Schedule): GradientTransformation<Count> {
  checkFunctions({ schedule });
  return stateful(
    zeroCount,
    (grads, state) => {
      const factor = valueAt(schedule, state);
      return [scaled(grads, factor), increment(state), { scale: factor }];
    },
    {
      ...call('scaleBySchedule', schedule),
      sign: schedule.sign ?? 'unknown',
      linear: true,
    },
  );
}

/**
 * Multiplies the gradient by a constant: g ↦ c·g. A step of learning rate η ends with `scale(-η)`.
 *
 * The report gains `scale`.
 *
 * @throws When the factor is not a finite number.
 * @see optax.scale
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scale } from '@steppe/transforms';
 *
 * const [{ grads }] = scale(-0.5).update((w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null }), null, tf.scalar(3), null);
 * console.log(grads.arraySync()); // => -1.5
 * ```
 */
export function scale(factor: number): GradientTransformation<null> {
  checkNumber('The factor of scale', factor, finite);
  return stateful(
    () => null,
    (grads, state) => {
      const by = tf.scalar(factor);
      return [scaled(grads, by), state, { scale: by }];
    },
    {
      ...call('scale', factor),
      // A factor of 0 goes neither way.
      sign: (Math.sign(factor) || undefined) as 1 | -1 | undefined,
      linear: true,
    },
  );
}
