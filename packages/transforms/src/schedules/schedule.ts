import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import type { Call } from '../links/call.ts';

/**
 * Makes a schedule of several operations leave nothing but its value, and say which call made it and its sign.
 *
 * @param values - Numbers between which it stays, undefined where they are not known.
 */
export const schedule = (
  { made }: { readonly made: Call },
  values: readonly number[] | undefined,
  f: (count: Scalar) => Scalar,
): Schedule => Object.assign((count: Scalar) => tf.tidy(() => f(count)), { made, ...between(values) });

/** What a schedule says of itself that stays between some numbers; nothing where they are not known. */
const between = (values: readonly number[] | undefined): Pick<Schedule, 'sign' | 'values'> =>
  values === undefined ? {} : { values, sign: values.some((value) => value < 0) ? -1 : 1 };
