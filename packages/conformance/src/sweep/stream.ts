import { foldIn, type Key, uniforms } from '@steppe/random';
import type { Numbers } from './program.ts';

/** Which numbers a program gets: smooth ones for derivatives, or some that are extreme or not numbers. */
export type Mood = 'smooth' | 'special';

/** Draws of a program, each from the next numbers of its key. */
export type Stream = {
  readonly mood: Mood;
  readonly unit: () => number;
  /** A whole number from low to high, both included. */
  readonly int: (low: number, high: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  readonly chance: (probability: number) => boolean;
  /** A side: often one, seldom zero. */
  readonly side: (high?: number) => number;
  readonly shape: (low: number, high: number, side?: number) => number[];
  /** An axis of a rank, negative half of the time. */
  readonly axis: (rank: number) => number;
  /** Float32 numbers: between bounds, or with extremes among them where the mood is special. */
  readonly reals: (shape: readonly number[], low?: number, high?: number) => Numbers;
  /** Float32 numbers between bounds, and no others. */
  readonly plain: (shape: readonly number[], low?: number, high?: number) => Numbers;
  /** The same without magnitudes that overflow a sum. */
  readonly addends: (shape: readonly number[]) => Numbers;
  /** Numbers that compare: extremes, but no NaN. */
  readonly ordered: (shape: readonly number[]) => Numbers;
  readonly ints: (shape: readonly number[], low: number, high: number) => Numbers;
  readonly bools: (shape: readonly number[]) => Numbers;
};

const size = (shape: readonly number[]): number => shape.reduce((n, side) => n * side, 1);

const extremes = [NaN, Infinity, -Infinity, -0, 0, 1, -1];
const huge = [1e38, -1e38, 3e38, 1e-38, -1e-38, 1e5, -1e5, 5e-8, -8e-8];

/** The draws of one program. */
export function stream(own: Key, mood: Mood): Stream {
  let [block, at, numbers] = [0, 0, uniforms(foldIn(own, 0), 256)];
  const unit = (): number => {
    if (at === numbers.length) [block, at, numbers] = [block + 1, 0, uniforms(foldIn(own, block + 1), 256)];
    return numbers[at++] as number;
  };
  const int = (low: number, high: number): number => low + Math.min(high - low, Math.floor(unit() * (high - low + 1)));
  const pick = <Item>(items: readonly Item[]): Item => items[int(0, items.length - 1)] as Item;
  const chance = (probability: number): boolean => unit() < probability;
  const side = (high = 4): number => (chance(0.02) ? 0 : chance(0.25) ? 1 : int(1, high));
  const shape = (low: number, high: number, most = 4): number[] =>
    Array.from({ length: int(low, high) }, () => side(most));
  const real = (low: number, high: number): number =>
    Math.fround(Math.round((low + unit() * (high - low)) * 1e4) / 1e4);
  const share = mood === 'special' && chance(0.5) ? 0.25 : 0;
  const drawn = (dims: readonly number[], dtype: Numbers['dtype'], value: () => number): Numbers => ({
    shape: dims,
    dtype,
    values: Array.from({ length: size(dims) }, value),
  });
  const among = (items: readonly number[], low: number, high: number) => () =>
    share && chance(share) ? Math.fround(pick(items)) : real(low, high);
  return {
    mood,
    unit,
    int,
    pick,
    chance,
    side,
    shape,
    axis: (rank) => int(-rank, rank - 1),
    reals: (dims, low = -3, high = 3) => drawn(dims, 'float32', among([...extremes, ...huge], low, high)),
    plain: (dims, low = -3, high = 3) => drawn(dims, 'float32', () => real(low, high)),
    addends: (dims) => drawn(dims, 'float32', among(extremes, -3, 3)),
    ordered: (dims) => drawn(dims, 'float32', among([...extremes, ...huge].slice(1), -3, 3)),
    ints: (dims, low, high) => drawn(dims, 'int32', () => int(low, high)),
    bools: (dims) => drawn(dims, 'bool', () => int(0, 1)),
  };
}
