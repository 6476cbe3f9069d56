import { type Axis, axisOf, placeOn } from '../report/axis.ts';
import { optionToDraw, type Results } from './results.ts';

/** A trial as a point. */
export type Dot = { readonly x: number; readonly y: number };

/** The metric of the trials over one of their options. */
export type Scatter = {
  readonly option: string;
  /** `validation error, %`. */
  readonly title: string;
  readonly dots: readonly Dot[];
  readonly best: Dot;
  /** Where a value of the option lies: 0 on the left, 1 on the right. */
  readonly placeX: (x: number) => number;
  /** What is written below: each value where there are few, else the ends. */
  readonly marks: readonly number[];
  readonly axis: Axis;
};

/** More values than this have no room for a mark each. */
const mostMarks = 8;

const isShare = (metric: string): boolean => metric.endsWith('_error');

/** The metric in words, and in percent where it is a share. */
const titleOf = (metric: string): string => `${metric.replaceAll('_', ' ')}${isShare(metric) ? ', %' : ''}`;

/**
 * Puts the complete trials of a sweep on axes; that of the option is logarithmic where its values span a factor of ten.
 *
 * @returns Nothing where no trial is complete or no option is a number.
 */
export function scatterOf(results: Results): Scatter | undefined {
  const { metric, rows } = results;
  const option = optionToDraw(results);
  if (option === undefined) return undefined;
  const dots = rows.flatMap(({ outcome, value }) =>
    value === undefined ? [] : [{ x: Number(outcome.options[option]), y: isShare(metric) ? 100 * value : value }],
  );
  const [best] = dots;
  if (best === undefined) return undefined;
  const values = [...new Set(dots.map(({ x }) => x))].sort((a, b) => a - b);
  const [low, high] = [values[0] ?? 0, values.at(-1) ?? 0];
  const scale = low > 0 && high / low >= 10 ? Math.log : (x: number) => x;
  return {
    option,
    title: titleOf(metric),
    dots,
    best,
    placeX: (x) => (high > low ? (scale(x) - scale(low)) / (scale(high) - scale(low)) : 0.5),
    marks: values.length <= mostMarks ? values : [low, high],
    axis: axisOf(
      dots.map(({ y }) => y),
      4,
    ),
  };
}

/** The mean of the trials at each value of the option, from the left to the right. */
export function means({ dots }: Scatter): readonly Dot[] {
  const byX = new Map<number, number[]>();
  for (const { x, y } of dots) byX.set(x, [...(byX.get(x) ?? []), y]);
  return [...byX].sort(([a], [b]) => a - b).map(([x, ys]) => ({ x, y: ys.reduce((sum, y) => sum + y, 0) / ys.length }));
}

/** Where a point lies from the top: 0 at the largest value. */
export const placeY = ({ axis }: Scatter, y: number): number => 1 - placeOn(axis, y);
