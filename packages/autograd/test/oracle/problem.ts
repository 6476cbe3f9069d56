import { fc } from '@fast-check/vitest';
import type * as tf from '@tensorflow/tfjs';
import { type Array64, sizeOf } from './array64.ts';

/** An operation at a point, in tfjs and in float64. */
export type Problem = {
  readonly inputs: readonly Array64[];
  readonly op: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly op64: (...inputs: Array64[]) => Array64;
};

/** Problems of one operation, over shapes and options. */
export type Case = { readonly name: string; readonly problems: fc.Arbitrary<Problem> };

/** Maps numbers that are spread over (0, 1) into a region. */
export type Region = (u: number) => number;
export const between =
  (min: number, max: number): Region =>
  (u) =>
    min + u * (max - min);
/** Two intervals, to both sides of a kink. */
export const around =
  (a: readonly [number, number], b: readonly [number, number]): Region =>
  (u) =>
    u < 0.5 ? between(...a)(2 * u) : between(...b)(2 * u - 1);
export const signed: Region = around([-1.5, -0.2], [0.2, 1.5]);
/** Between integers, and not near a half. */
export const offGrid: Region = (u) => Math.floor(u * 5) - 2 + 0.1 + 0.3 * ((u * 5) % 1);

const golden = (Math.sqrt(5) - 1) / 2;

/** `count` numbers of a region in the order that the seed gives; they differ by more than 1/(3·count) of (0, 1), so
 * there are no near ties. */
export function spread(count: number, seed: number, region: Region): number[] {
  return Array.from({ length: count }, (_, i) => Math.fround(region(((i + 1) * golden + seed * 0.617283) % 1)));
}

export const array = (shape: readonly number[], seed: number, region: Region = between(-1.5, 1.5)): Array64 => ({
  shape,
  data: spread(sizeOf(shape), seed, region),
});

export const seeds: fc.Arbitrary<number> = fc.integer({ min: 0, max: 999 });
export const size: fc.Arbitrary<number> = fc.integer({ min: 1, max: 3 });
export const shapes = (min = 0, max = 3): fc.Arbitrary<number[]> => fc.array(size, { minLength: min, maxLength: max });

/** One of the axes of a shape. */
export const axisOf = (shape: readonly number[]): fc.Arbitrary<number> => fc.integer({ min: 0, max: shape.length - 1 });

/** Two shapes that broadcast to each other: axes of one, and leading axes left out. */
export const pairs = (max = 3): fc.Arbitrary<readonly [number[], number[]]> =>
  shapes(0, max).chain((shape) => {
    const part = fc
      .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: max, maxLength: max }))
      .map(([drop, ones]) => shape.map((n, axis) => (ones[axis] ? 1 : n)).slice(drop));
    return fc.tuple(part, part);
  });
