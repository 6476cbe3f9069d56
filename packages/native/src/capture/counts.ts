import type { CountWatch } from '@steppe/kernels';

/** A count as a recording makes it: one of those that it was given, and so many more. */
export type NextCount = { readonly input: number; readonly more: number };

/** The counts of a recording. */
export type Counts = {
  readonly watch: CountWatch;
  /** The bounds that counts were compared with: between them the recording holds for all. */
  readonly bounds: ReadonlySet<number>;
  /** Says that a count is given; the number that stands for it is another one at each recording. */
  readonly give: (counted: number) => number;
  /** What a number stands for; of one that is always the same, itself. */
  readonly madeOf: (counted: number) => NextCount | number;
};

/** Begins to follow counts. */
export function followCounts(): Counts {
  const bounds = new Set<number>();
  const known = new Map<number, NextCount & { readonly real: number }>();
  let inputs = 0;
  const add = (count: NextCount & { readonly real: number }): number => {
    // Far above every step, so that what is made of the number itself shows when the function is recorded again.
    const number = 2 ** 40 + Math.floor(Math.random() * 2 ** 50);
    known.set(number, count);
    return number;
  };
  return {
    watch: {
      isBelow: (counted, bound) => {
        const count = known.get(counted);
        if (count === undefined) return undefined;
        bounds.add(bound - count.more);
        return count.real + count.more < bound;
      },
      next: (counted) => {
        const count = known.get(counted);
        return count && add({ ...count, more: count.more + 1 });
      },
    },
    bounds,
    give: (real) => add({ input: inputs++, more: 0, real }),
    madeOf: (counted) => {
      const count = known.get(counted);
      return count ? { input: count.input, more: count.more } : counted;
    },
  };
}

/** Where counts lie between bounds, in words: a recording holds for all that lie there. */
export const between = (counts: readonly number[], bounds: ReadonlySet<number>): string =>
  counts
    .map((count) => {
      let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (const bound of bounds)
        if (bound <= count) low = Math.max(low, bound);
        else high = Math.min(high, bound);
      return `${low} to ${high}`;
    })
    .join();
