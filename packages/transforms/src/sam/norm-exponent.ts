import { checkNumber, type Rule } from '@steppe/check';

/** Below 1 ‖·‖ₚ is no norm. */
export const norm: Rule = ['at least 1', (x) => x >= 1];

/** Refuses a p that makes no norm: at construction rather than in the middle of training. */
export const checkNorm = (p: number): void => checkNumber('p', p, norm);

/**
 * Gives the exponent of the dual norm: q = p / (p - 1), with 1/p + 1/q = 1.
 *
 * @throws When p is below 1.
 *
 * @example
 * ```ts
 * import { dualExponent } from '@steppe/transforms';
 *
 * console.log([1, 1.5, 2, Infinity].map(dualExponent)); // => [ Infinity, 3, 2, 1 ]
 * ```
 */
export function dualExponent(p: number): number {
  checkNorm(p);
  return p === 1 ? Number.POSITIVE_INFINITY : p === Number.POSITIVE_INFINITY ? 1 : p / (p - 1);
}
