import type { Batch } from '@steppe/datasets';
import type { PassOptions, Rise, TopEigenvalues } from '@steppe/sharpness';
import type { Select } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import type { MeasuredLoss } from './loss.ts';
import type { AxesKind } from './options.ts';

/** A number that a measure gives, and how sure it is. */
export type Reading = {
  readonly name: string;
  readonly value: number;
  /** Its standard error, or how far it is off at most; absent where nothing is estimated or nothing is known of it. */
  readonly error?: number | undefined;
  readonly errorIs?: 'standard error' | 'bound';
  /** Of a difference of losses: the size up to which it is rounding of float32. */
  readonly resolution?: number;
  /** What must be said beside it. */
  readonly note?: string;
};

/** What a measure has found, to be printed, drawn and written down. */
export type Measured = {
  readonly readings: readonly Reading[];
  /** All of it as plain data. */
  readonly found: object;
  /** Points of a picture. */
  readonly points?: readonly (readonly [x: number, y: number])[];
  readonly surface?: {
    readonly xs: readonly number[];
    readonly ys: readonly number[];
    readonly values: readonly (readonly number[])[];
  };
};

/** What is measured, and how. */
export type Taking = {
  readonly loss: MeasuredLoss;
  readonly params: Tree;
  readonly images: readonly Batch[];
  readonly examples: number;
  /** Chooses the leaves that were trained; undefined where all were. */
  readonly wanted: Select | undefined;
  readonly rho: number;
  readonly p: number;
  readonly seed: number;
  /** What landscapes are drawn along. */
  readonly axes: AxesKind;
  /** The largest eigenvalues of the Hessian and their vectors, which are looked for once. */
  readonly top: () => Promise<TopEigenvalues<Tree>>;
  /** How a measure passes over the images. */
  readonly walk: Pick<PassOptions<Batch>, 'signal' | 'onProgress'>;
  /** Is told how much of the measure is done, from 0 to 1, by one that counts otherwise. */
  readonly at: (share: number) => void;
};

/** Takes a measure. */
export type Take = (taking: Taking) => Promise<Measured>;

/** The numbers in a record that have no error of their own. */
export const reading = (
  name: string,
  value: number,
  error?: number | null,
  errorIs: Reading['errorIs'] = 'standard error',
): Reading => ({
  name,
  value,
  ...(error !== undefined && error !== null && { error, errorIs }),
});

/** Whether a difference of losses is no more than their rounding. */
export const isRounding = (value: number, resolution: number): boolean => Math.abs(value) <= resolution;

/** A difference of losses in a record, which says so where it is rounding. */
export const rising = (name: string, found: Omit<Rise, 'standardError'> & Partial<Rise>): Reading => {
  const { value, standardError, resolution } = found;
  const note = isRounding(value, resolution)
    ? { note: `rounding: float32 tells no less than ${Number(resolution.toPrecision(2))}` }
    : {};
  return { ...reading(name, value, standardError), resolution, ...note };
};
