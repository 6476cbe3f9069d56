import { refusal } from './refusal.ts';

/** What a number must be: the words that follow "must be", and whether a number is it. */
export type Rule = readonly [words: string, holds: (x: number) => boolean];

/** A number, neither NaN nor infinite, also where it becomes a float32 on the device. */
export const finite: Rule = ['a finite number', (x) => Number.isFinite(Math.fround(x))];

/** A radius, a decay of weights, an epsilon. */
export const nonNegative: Rule = ['a finite number of at least 0', (x) => x >= 0 && finite[1](x)];

/** A size of a step, and of what is divided by: neither 0 nor infinite as a float32. */
export const positive: Rule = ['a finite number above 0', (x) => Math.fround(x) > 0 && finite[1](x)];

/** The decay of an exponential mean, a rate of dropout. */
export const belowOne: Rule = ['in [0, 1)', (x) => x >= 0 && x < 1];

/** A share of something, of which some is taken. */
export const share: Rule = ['in (0, 1]', (x) => x > 0 && x <= 1];

/** The weight of one of two things that are mixed. */
export const weight: Rule = ['in [0, 1]', (x) => x >= 0 && x <= 1];

/** A number of things of which there is at least one, and at most as many as an int32 counts. */
export const count: Rule = ['a positive whole number', (x) => Number.isInteger(x) && x >= 1 && x < 2 ** 31];

/**
 * Refuses a number that is not what it must be.
 *
 * @param name - What the message calls it, such as `rho`.
 * @throws When the value is not a number, or breaks the rule: `rho must be a finite number of at least 0, got -1.`
 *
 * @example
 * ```ts
 * import { checkNumber, nonNegative } from '@steppe/check';
 *
 * try {
 *   checkNumber('rho', '0.1', nonNegative);
 * } catch (error) {
 *   console.log((error as Error).message); // => rho must be a number, got "0.1".
 * }
 * ```
 */
export function checkNumber(name: string, value: unknown, [words, holds]: Rule): asserts value is number {
  if (typeof value !== 'number') throw refusal(name, 'a number', value);
  // A finite one may be none on the device.
  if (!holds(value))
    throw refusal(name, words, value, value >= 2 ** 31 && value < Number.POSITIVE_INFINITY ? 'too large' : '');
}
