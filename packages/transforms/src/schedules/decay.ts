import { aNumber, checkNumber, checkOptions, finite, positive, count as whole } from '@steppe/check';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { schedule } from './schedule.ts';

function steps(name: string, count: number): number {
  checkNumber(`The count of ${name}`, count, ['a positive whole number of steps', whole[1]]);
  return count;
}

/** The fraction of `total` that `count` has reached, in [0, 1]. */
const progress = (count: Scalar, total: number): Scalar =>
  tf.clipByValue(tf.div(tf.cast(count, 'float32'), total), 0, 1);

/**
 * Stays at one value.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { constant } from '@steppe/transforms';
 *
 * console.log(constant(0.5)(tf.scalar(100, 'int32')).arraySync()); // => 0.5
 * ```
 */
export function constant(value: number): Schedule {
  checkNumber('The value of constant', value, finite);
  return schedule(call('constant', value), [value], () => tf.scalar(value));
}

/**
 * Moves in a straight line from one value to another over a number of steps, then stays.
 *
 * @throws When `count` is not a positive whole number.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { linear } from '@steppe/transforms';
 *
 * console.log(linear(0, 1, 4)(tf.scalar(3, 'int32')).arraySync()); // => 0.75
 * ```
 */
export function linear(from: number, to: number, count: number): Schedule {
  const total = steps('linear', count);
  for (const end of [from, to]) checkNumber('An end of linear', end, finite);
  return schedule(call('linear', from, to, count), [from, to], (at) =>
    tf.add(tf.mul(progress(at, total), to - from), from),
  );
}

/**
 * Moves along a power from one value to another over a number of steps, then stays: v_T + (v₀ - v_T)·(1 - t/T)^k.
 *
 * @param power - k > 0: 1 is `linear`, above it most of the way is gone at first.
 * @throws When `count` is not a positive whole number, or the power not positive.
 * @see optax.polynomial_schedule
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { polynomial } from '@steppe/transforms';
 *
 * console.log(polynomial(1, 0, 4, 2)(tf.scalar(2, 'int32')).arraySync()); // => 0.25
 * ```
 */
export function polynomial(from: number, to: number, count: number, power: number): Schedule {
  const total = steps('polynomial', count);
  for (const end of [from, to]) checkNumber('An end of polynomial', end, finite);
  checkNumber('The power of polynomial', power, positive);
  return schedule(call('polynomial', from, to, count, power), [from, to], (at) =>
    tf.add(tf.mul(tf.pow(tf.sub(1, progress(at, total)), power), from - to), to),
  );
}

/**
 * Falls along half a cosine over a number of steps, then stays at the end: v·((1 - α)·½(1 + cos(π t/T)) + α).
 *
 * @param options - `alpha`: the fraction of the first value that remains. @defaultValue 0
 * @throws When `count` is not a positive whole number.
 * @see Loshchilov & Hutter, SGDR, ICLR 2017, equation (5) without restarts; the schedule of the SAM paper.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cosineDecay } from '@steppe/transforms';
 *
 * console.log(cosineDecay(0.2, 100)(tf.scalar(50, 'int32')).arraySync().toFixed(3)); // => 0.100
 * ```
 */
export function cosineDecay(from: number, count: number, options: { readonly alpha?: number } = {}): Schedule {
  const total = steps('cosineDecay', count);
  checkNumber('The first value of cosineDecay', from, finite);
  checkOptions('cosineDecay', options, { alpha: aNumber(finite) });
  const { alpha = 0 } = options;
  return schedule(call('cosineDecay', from, count, alpha === 0 ? {} : { alpha }), [from, alpha * from], (at) => {
    const half = tf.mul(tf.add(tf.cos(tf.mul(progress(at, total), Math.PI)), 1), 0.5);
    return tf.mul(tf.add(tf.mul(half, 1 - alpha), alpha), from);
  });
}

/**
 * Rises in a straight line from 0 to a peak; `join` it with what comes after.
 *
 * @throws When `count` is not a positive whole number.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cosineDecay, join, warmup } from '@steppe/transforms';
 *
 * const rate = join([warmup(0.1, 10), cosineDecay(0.1, 90)], [10]);
 * console.log(rate(tf.scalar(5, 'int32')).arraySync().toFixed(3)); // => 0.050
 * ```
 */
export function warmup(peak: number, count: number): Schedule {
  checkNumber('The peak of warmup', peak, finite);
  const rise = linear(0, peak, steps('warmup', count));
  return schedule(call('warmup', peak, count), [0, peak], rise);
}
