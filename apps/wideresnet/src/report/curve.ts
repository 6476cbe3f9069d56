/** How good a run was after how much work. */
export type Point = {
  /** Gradients of a whole batch since the start: SAM takes two a step. */
  readonly gradients: number;
  /** The share of held-out images that come out wrong. */
  readonly error: number;
};

/** A run as a line of a chart; points come in the order of their gradients. */
export type Curve = { readonly name: string; readonly points: readonly Point[] };

/** The error after the last evaluation; undefined before the first. */
export const lastError = ({ points }: Curve): number | undefined => points.at(-1)?.error;

/**
 * Reads a curve between its points, on the straight line that joins them.
 *
 * @returns undefined outside the curve: nothing is known there.
 */
export function errorAt({ points }: Curve, gradients: number): number | undefined {
  const next = points.findIndex((point) => point.gradients >= gradients);
  const after = points[next];
  if (after === undefined) return undefined;
  if (after.gradients === gradients) return after.error;
  const before = points[next - 1];
  if (before === undefined) return undefined;
  const part = (gradients - before.gradients) / (after.gradients - before.gradients);
  return before.error + part * (after.error - before.error);
}
