import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';

/** How many updates a link has made: an int32 scalar, so that schedules and bias corrections stay on the device. */
export type Count = { readonly count: Scalar };

/**
 * Makes the count of a link that has made no update, for an `init`.
 *
 * @example
 * ```ts
 * import { zeroCount } from '@steppe/transforms/parts';
 *
 * console.log(zeroCount().count.arraySync()); // => 0
 * ```
 */
export const zeroCount = (): Count => ({ count: tf.scalar(0, 'int32') });

/**
 * Counts one more update: n ↦ n + 1.
 *
 * @example
 * ```ts
 * import { increment, zeroCount } from '@steppe/transforms/parts';
 *
 * console.log(increment(zeroCount()).count.arraySync()); // => 1
 * ```
 */
export const increment = ({ count }: Count): Count => ({ count: tf.add(count, tf.scalar(1, 'int32')) });

/**
 * Gives the value of a number or a schedule at a count, as a scalar tensor: a number that enters as a tensor can be
 * traced.
 *
 * @example
 * ```ts
 * import { linear } from '@steppe/transforms';
 * import { increment, valueAt, zeroCount } from '@steppe/transforms/parts';
 *
 * const once = increment(zeroCount());
 * console.log(valueAt(0.5, once).arraySync(), valueAt(linear(0, 1, 4), once).arraySync()); // => 0.5 0.25
 * ```
 */
export const valueAt = (value: number | Schedule, { count }: Count): Scalar =>
  typeof value === 'number' ? tf.scalar(value) : value(count);
