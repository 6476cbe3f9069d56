import type { Curves, Table } from '../run.ts';
import type { Axis } from './format.ts';

/** A curve to draw: places along x, and at each the mean and the range of what lies there. */
export type Line = {
  readonly x: readonly number[];
  readonly mean: readonly (number | null)[];
  /** Left out where each point is one record. */
  readonly range?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
};

/** Takes one curve out of a run; undefined where the run has none of that name. */
export function lineOf(curves: Curves, split: string, curve: string, axis: Axis): Line | undefined {
  const table = curves[split];
  const column = table?.columns[curve];
  if (table === undefined || column === undefined) return undefined;
  const { mean, low, high } = column;
  return { x: table[axis], mean, ...(table.stride > 1 && { range: { low, high } }) };
}

const join = <T>(before: readonly T[] | undefined, from: number, after: readonly T[], none: T): readonly T[] => [
  // A curve that began only now has nothing before.
  ...(before ?? new Array<T>(from).fill(none)).slice(0, from),
  ...after,
];

/** Puts the buckets of a table that are new behind those that a reader has. */
export function extended(before: Table | undefined, after: Table): Table {
  if (before === undefined || after.from === 0 || before.version !== after.version) return after;
  const { from } = after;
  const columns = Object.entries(after.columns).map(([name, column]) => {
    const had = before.columns[name];
    const grown = {
      mean: join(had?.mean, from, column.mean, null),
      low: join(had?.low, from, column.low, null),
      high: join(had?.high, from, column.high, null),
    };
    return [name, grown] as const;
  });
  return {
    ...after,
    from: 0,
    step: join(before.step, from, after.step, 0),
    gradients: join(before.gradients, from, after.gradients, 0),
    seconds: join(before.seconds, from, after.seconds, 0),
    columns: Object.fromEntries(columns),
  };
}
