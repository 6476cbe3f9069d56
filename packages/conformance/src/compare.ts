import type { Read } from './outcome.ts';

/** How far a result is from the expected one, and where. */
export type Difference = {
  /** The largest error, relative to the largest finite number of its tensor; infinite where numbers cannot be
   * compared. */
  readonly error: number;
  /** What is wrong, whatever the tolerance; empty where only the size of the error matters. */
  readonly wrong: string;
  /** Where the error is the largest, with both numbers. */
  readonly worst: string;
};

const largest = (values: ArrayLike<number>): number => {
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] as number);
    if (magnitude > size && magnitude < Number.POSITIVE_INFINITY) size = magnitude;
  }
  return size;
};

const description = ({ dtype, shape }: Read): string => `${dtype} [${shape}]`;

/** Compares two results tensor by tensor: NaN agrees with NaN only, infinity with itself only. */
export function compare(actual: readonly Read[], expected: readonly Read[]): Difference {
  if (actual.length !== expected.length)
    return {
      error: Number.POSITIVE_INFINITY,
      wrong: `gives ${actual.length} tensors in place of ${expected.length}`,
      worst: '',
    };
  let [error, worst] = [0, ''];
  for (const [i, want] of expected.entries()) {
    const got = actual[i] as Read;
    const at = want.path ? `at ${want.path} ` : '';
    if (description(got) !== description(want))
      return {
        error: Number.POSITIVE_INFINITY,
        wrong: `${at}gives ${description(got)} in place of ${description(want)}`,
        worst: '',
      };
    const scale = largest(want.values) || 1;
    for (let k = 0; k < want.values.length; k++) {
      const [a, b] = [got.values[k] as number, want.values[k] as number];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
      const distance = Math.abs(a - b) / scale;
      const own = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
      if (own > error) [error, worst] = [own, `${at}entry ${k} is ${a} in place of ${b}`];
    }
  }
  return { error, wrong: '', worst };
}
