/** A tensor in float64, in row-major order. */
export type Array64 = { readonly shape: readonly number[]; readonly data: readonly number[] };

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** All places of a shape, in row-major order. */
export function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

const offset = (shape: readonly number[], place: readonly number[]): number =>
  shape.reduce((sum, size, axis) => sum * size + (place[axis] as number), 0);

export const at = ({ shape, data }: Array64, place: readonly number[]): number => data[offset(shape, place)] as number;

/** The entry at a place of a shape that `shape` broadcasts to. */
export const atBroadcast = (x: Array64, place: readonly number[]): number =>
  at(
    x,
    x.shape.map((size, axis) => (size === 1 ? 0 : (place[place.length - x.shape.length + axis] as number))),
  );

/** The array of a shape whose entry at each place is `f(place)`. */
export const build = (shape: readonly number[], f: (place: number[]) => number): Array64 => ({
  shape,
  data: places(shape).map(f),
});

/** The array of a shape that gets `value` added at `place` for every contribution, as the transpose of a linear map
 * does. */
export function scatter(
  shape: readonly number[],
  contributions: Iterable<readonly [place: readonly number[], value: number]>,
): Array64 {
  const data = new Array<number>(sizeOf(shape)).fill(0);
  for (const [place, value] of contributions) data[offset(shape, place)] = (data[offset(shape, place)] ?? 0) + value;
  return { shape, data };
}

export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1));
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
