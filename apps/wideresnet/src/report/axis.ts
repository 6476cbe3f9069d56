/** An axis with round numbers: from `low` to `high`, marked at `ticks`, which include both. */
export type Axis = { readonly low: number; readonly high: number; readonly ticks: readonly number[] };

/** The round step, 1, 2 or 5 times a power of ten, of which about `count` cover a span. */
function roundStep(span: number, count: number): number {
  const power = 10 ** Math.floor(Math.log10(span / count));
  return power * ([1, 2, 5].find((factor) => factor * power * count >= span) ?? 10);
}

/** Below what marks are printed with. */
const tiny = 1e-90;

/**
 * Makes an axis that covers some values and begins and ends at round numbers.
 *
 * @param values - At least one finite number.
 * @param count - About how many steps to mark.
 */
export function axisOf(values: readonly number[], count: number): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const size = Math.max(Math.abs(least), Math.abs(most));
  // Numbers that float64 hardly tells apart are one number to a reader, and what is next to nothing is 0.
  const isFlat = most - least <= 1e-9 * size || size < tiny;
  const step = roundStep(isFlat ? (size < tiny ? 1 : size) : most - least, count);
  // 0.3 computed as 0.30000000000000004 needs no further mark.
  const slack = 1e-9;
  const [first, last] = [Math.floor(least / step + slack), Math.ceil(most / step - slack)];
  const end = last > first ? last : first + 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks = Array.from({ length: end - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)));
  return { low: ticks[0] as number, high: ticks.at(-1) as number, ticks };
}

/** Where a value lies on an axis: 0 at its low end, 1 at its high end. */
export const placeOn = ({ low, high }: Axis, value: number): number => (value - low) / (high - low);
