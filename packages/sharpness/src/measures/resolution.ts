import type { Mean } from './mean.ts';

/** Eight units in the last place of a float32: one for each loss, and what a mean over examples in float32 adds. */
const SHARE = 2 ** -20;

/** A difference of losses, and what float32 tells of it. */
export type Rise = Mean & {
  /** 2⁻²⁰ of the larger loss: a value that is no further from 0 is rounding, whatever its standard error. */
  readonly resolution: number;
};

/** How large a difference of some losses must be to be more than their rounding; the only place that says so. */
export const resolutionOf = (...losses: readonly number[]): number => SHARE * Math.max(...losses.map(Math.abs));

/** Whether a rise is more than the rounding of what it is a difference of. */
export const isResolved = (rise: number, resolution: number): boolean => Math.abs(rise) > resolution;
