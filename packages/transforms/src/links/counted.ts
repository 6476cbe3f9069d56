import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';

/** How many updates a link has made: an int32 scalar, so that schedules and bias corrections stay on the device. */
export type Count = { readonly count: Scalar };

export const zeroCount = (): Count => ({ count: tf.scalar(0, 'int32') });

export const increment = ({ count }: Count): Count => ({ count: tf.add(count, tf.scalar(1, 'int32')) });

/** The value of a number or a schedule at a count, as a scalar tensor: a number that enters as a tensor can be
 * traced. */
export const valueAt = (value: number | Schedule, { count }: Count): Scalar =>
  typeof value === 'number' ? tf.scalar(value) : value(count);
