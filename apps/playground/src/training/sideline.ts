import { type Slices, slices, type Turn } from './slices.ts';

/** A work that is done over and over in the time that it is given. */
export type Sideline = {
  /** Runs slices for so long, or until the work is done; what a slice takes beyond is kept from the next time. */
  readonly give: (milliseconds: number) => Promise<void>;
  /** Ends the work where it stands; given time, it begins anew. */
  readonly end: () => Promise<void>;
};

/**
 * Does a work beside another.
 *
 * @param may - Waited for before each slice: whether there may be one.
 * @param work - Is begun at most once each time that it is given some.
 */
export function sideline(may: () => Promise<boolean>, work: (turn: Turn) => Promise<void>): Sideline {
  let under: Slices | undefined;
  let left = 0;
  return {
    async give(milliseconds) {
      left += milliseconds;
      while (left > 0 && (await may())) {
        const begin = performance.now();
        under ??= slices(work);
        const more = await under.next();
        left -= performance.now() - begin;
        if (more) continue;
        under = undefined;
        left = Math.min(left, 0);
      }
    },
    async end() {
      await under?.end();
      under = undefined;
      left = 0;
    },
  };
}
