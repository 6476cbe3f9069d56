import { checkNumber, count } from '@steppe/check';
import { asScalar } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkFunctions } from '../links/check-link.ts';

/**
 * Puts a warm-up before a schedule: in W steps it rises in a straight line from 0 to where the schedule begins, and then
 * follows it: s(0)·t/W for t < W, s(t - W) from there.
 *
 * @param schedule - s, which begins to count behind the warm-up.
 * @param steps - W, a positive whole number.
 * @throws When `schedule` is no function, or W no such number.
 * @see optax.warmup_cosine_decay_schedule, which is `withWarmup(cosineDecay(peak, T - W), W)`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cosineDecay, withWarmup } from '@steppe/transforms';
 *
 * const rate = withWarmup(cosineDecay(0.2, 90), 10);
 * console.log(rate(tf.scalar(5, 'int32')).arraySync().toFixed(3), rate(tf.scalar(55, 'int32')).arraySync().toFixed(3)); // => 0.100 0.100
 * ```
 */
export function withWarmup(schedule: Schedule, steps: number): Schedule {
  checkFunctions({ schedule });
  checkNumber('The steps of withWarmup', steps, count);
  const warmed: Schedule = (at) =>
    tf.tidy(() => {
      const rise = tf.clipByValue(tf.div(tf.cast(at, 'float32'), steps), 0, 1);
      // Counts no further back than the schedule's own beginning, where it stays while the rise is under way.
      const behind = tf.maximum(tf.sub(at, tf.scalar(steps, 'int32')), tf.scalar(0, 'int32'));
      return asScalar(tf.mul(schedule(asScalar(behind)), rise));
    });
  const { made } = call('withWarmup', schedule, steps);
  const { sign, values } = schedule;
  return Object.assign(warmed, { made }, sign && { sign }, values && { values: [0, ...values] });
}
