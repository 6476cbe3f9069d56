import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import type { Call } from '../links/call.ts';

/**
 * Makes a schedule of several operations leave nothing but its value, and say which call made it and its sign.
 *
 * @param values - The numbers between which it stays.
 */
export const schedule = (
  { made }: { readonly made: Call },
  values: readonly number[],
  f: (count: Scalar) => Scalar,
): Schedule =>
  Object.assign((count: Scalar) => tf.tidy(() => f(count)), { made, sign: signOf(values.some((value) => value < 0)) });

/** The sign of a schedule that is negative somewhere, or nowhere. */
export const signOf = (negative: boolean): 1 | -1 => (negative ? -1 : 1);
