import type { Numbers } from '../program.ts';

/** What an operation gives, computed in float64 from its definition: one tensor, a list or a record of them. */
export type Result = Numbers | readonly Numbers[] | { readonly [name: string]: Numbers };

/** Definitions of operations by their names in tfjs. */
export type References = { readonly [call: string]: (...args: never[]) => Result };

/** Raised where no single answer is right: such a program says nothing. */
export class Undecided extends Error {}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, side) => n * side, 1);

/** Every index of a shape, in the order of memory. The array that is seen is one and the same. */
export function eachIndex(shape: readonly number[], visit: (index: number[], at: number) => void): void {
  const count = sizeOf(shape);
  const index = shape.map(() => 0);
  for (let at = 0; at < count; at++) {
    visit(index, at);
    for (let k = shape.length - 1; k >= 0; k--) {
      index[k] = (index[k] as number) + 1;
      if ((index[k] as number) < (shape[k] as number)) break;
      index[k] = 0;
    }
  }
}

/** Where an index lies in memory. */
export function offsetOf(shape: readonly number[], index: readonly number[]): number {
  let at = 0;
  for (let k = 0; k < shape.length; k++) at = at * (shape[k] as number) + (index[k] as number);
  return at;
}

/** The entry at an index. */
export const at = ({ shape, values }: Numbers, ...index: readonly number[]): number =>
  values[offsetOf(shape, index)] as number;

/** A tensor whose entries are a function of their index. */
export function tabulate(
  shape: readonly number[],
  dtype: Numbers['dtype'],
  entry: (index: number[]) => number,
): Numbers {
  const values: number[] = [];
  eachIndex(shape, (index) => values.push(entry(index)));
  return { shape: [...shape], dtype, values };
}

/** The shape that two broadcast to. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, k) => {
    const [m, n] = [a[k - rank + a.length] ?? 1, b[k - rank + b.length] ?? 1];
    return m === 1 ? n : m;
  });
}

/** The entry that broadcasts to an index of a shape of the same rank or a higher one. */
export function spread({ shape, values }: Numbers, index: readonly number[]): number {
  const skip = index.length - shape.length;
  let place = 0;
  for (let k = 0; k < shape.length; k++)
    place = place * (shape[k] as number) + (shape[k] === 1 ? 0 : (index[k + skip] as number));
  return values[place] as number;
}

/** An axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The axes that an argument of a reduction means. */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, k) => k);
  return (typeof axis === 'number' ? [axis] : [...axis]).map((each) => fromFront(each, rank)).toSorted((a, b) => a - b);
}
