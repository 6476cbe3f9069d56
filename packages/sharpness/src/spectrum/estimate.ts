import { type Check, checkFunction, type Rule, refusal } from '@steppe/check';
import { isKey, type Key } from '@steppe/random';
import type { Progress } from '../examples.ts';

/** How an estimate is made. */
export type EstimateOptions = {
  /** What random vectors are drawn by. @defaultValue key(0) */
  readonly key?: Key;
  /** Hears of each product that is done, of the most that there will be. */
  readonly onProgress?: (progress: Progress) => void;
};

/** How an estimate by random vectors is made. */
export type SampleOptions = EstimateOptions & {
  /** How many, at least 2. @defaultValue 10 */
  readonly samples?: number;
};

/** A number that random vectors estimate. */
export type Estimate = {
  readonly value: number;
  /** The standard deviation of the value over other keys, itself estimated from the samples. */
  readonly standardError: number;
  /** How many products it took. */
  readonly products: number;
};

/** The number of samples that a standard error needs. */
export const atLeastTwo: Rule = [
  'a whole number of at least 2, which a standard error needs',
  (x) => Number.isInteger(x) && x >= 2,
];

/** The check of a random key. */
export const aKey: Check = (name, value) => {
  if (!isKey(value)) throw refusal(name, 'a key, such as key(0)', value);
};

/** The checks of `EstimateOptions`. */
export const estimateOptions: { readonly [name in keyof EstimateOptions]-?: Check } = {
  key: aKey,
  onProgress: checkFunction,
};

/** The mean of samples and its standard error, s/√n; infinite for one sample, which does not tell. */
export function meanOf(samples: readonly number[]): { readonly value: number; readonly standardError: number } {
  const n = samples.length;
  const value = samples.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { value, standardError: Number.POSITIVE_INFINITY };
  const variance = samples.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1);
  return { value, standardError: Math.sqrt(variance / n) };
}
