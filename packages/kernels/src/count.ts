import { during } from './during.ts';

/** Steps that were counted, as the state of a link holds them that runs otherwise from some step on. */
export type Count = { readonly counted: number };

/** Sees what is asked of counts while a function is recorded, whose counts are others at every replay; `undefined` leaves
 * the answer to the number. */
export type CountWatch = {
  /** Whether a count is below a bound. */
  isBelow(counted: number, bound: number): boolean | undefined;
  /** The number of the count after this one. */
  next(counted: number): number | undefined;
};

/** Where the watch stands: one for all copies of this package in a process, as there is one TensorFlow.js for them. */
const watching = Symbol.for('steppe/kernels/countWatch');
const realm: typeof globalThis & { [watching]?: CountWatch } = globalThis;

/** Runs `use` and tells `watch` of its counts. */
export const watchCounts = <Result>(watch: CountWatch, use: () => Result): Result => during(watching, watch, use);

/**
 * Tells whether a count is below a bound: all that may be asked of it, so that steps on one side of the bound can be
 * captured as one.
 *
 * @example
 * ```ts
 * import { isBelow, nextCount } from '@steppe/kernels';
 *
 * console.log(isBelow({ counted: 2 }, 3), isBelow(nextCount({ counted: 2 }), 3)); // => true false
 * ```
 */
export const isBelow = ({ counted }: Count, bound: number): boolean =>
  realm[watching]?.isBelow(counted, bound) ?? counted < bound;

/** Counts one more step. */
export const nextCount = ({ counted }: Count): Count => ({ counted: realm[watching]?.next(counted) ?? counted + 1 });
