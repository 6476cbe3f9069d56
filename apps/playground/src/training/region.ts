import type { Point } from './plane.ts';

/** Where a landscape is measured: as long a step in either direction, the width to the height as 3 to 2. */
export type Region = { readonly xs: readonly number[]; readonly ys: readonly number[] };

/** How much of the width and height is left free around what is to be seen. */
const MARGIN = 0.2;

/**
 * Chooses the part of a plane that shows some points.
 *
 * @param fineness - 6k + 1 numbers along x, 4k + 1 along y.
 */
export function regionAround(points: readonly Point[], fineness: number): Region {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const middle = (values: readonly number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  const extent = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
  const step = Math.max(extent(xs) / 6, extent(ys) / 4) / (1 - 2 * MARGIN) / fineness;
  const grid = (centre: number, half: number): readonly number[] =>
    Array.from({ length: 2 * half + 1 }, (_, i) => centre + (i - half) * step);
  return { xs: grid(middle(xs), 3 * fineness), ys: grid(middle(ys), 2 * fineness) };
}
