import { whole } from './numbers.ts';
import { refuse } from './refusal.ts';

/** An axis of a tensor of `rank` dimensions, counted from 0; -1 is the last. */
export function axisOf(value: unknown, rank: number, what = 'axis'): number {
  if (rank === 0) refuse(what, 'an axis of the tensor, of which a scalar has none', value);
  const axis = whole(what, value, -rank, rank - 1);
  return axis < 0 ? axis + rank : axis;
}

/** Axes that differ: the one, or those of the list; all of them where none is given. */
export function axesOf(value: unknown, rank: number, what = 'axis'): number[] {
  if (value === undefined || value === null) return Array.from({ length: rank }, (_, axis) => axis);
  if (!Array.isArray(value)) return [axisOf(value, rank, what)];
  const axes = value.map((each) => axisOf(each, rank, what));
  return distinct(axes) ? axes : refuse(what, 'axes that differ', value);
}

/** An order of all axes of a tensor. */
export function permutationOf(value: unknown, rank: number, what = 'perm'): readonly number[] {
  const must = `an order of the ${rank} axes, counted from 0`;
  if (!Array.isArray(value) || value.length !== rank || !distinct(value)) return refuse(what, must, value);
  for (const axis of value) whole(what, axis, 0, rank - 1);
  return value;
}

function distinct(axes: readonly number[]): boolean {
  for (let i = 1; i < axes.length; i++) if (axes.indexOf(axes[i] ?? 0) < i) return false;
  return true;
}
