import { checkNumber, count, type Rule, share } from '@steppe/check';

/** What a step of a run is, counted from 0. */
export const wholeSteps: Rule = ['a whole number of steps', (n) => Number.isInteger(n) && n >= 0];

/** Where the last share of a number of steps begins: t₀ = round((1 - f)·T). */
export const tailStart = (steps: number, tail: number): number => Math.round((1 - tail) * steps);

/** Refuses a run of no steps and a tail that is no part of it. */
export function checkTail(steps: number, tail: number): void {
  checkNumber('steps', steps, ['a positive whole number of steps', count[1]]);
  checkNumber('tail', tail, share);
}
