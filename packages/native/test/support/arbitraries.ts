import { fc } from '@fast-check/vitest';
import type { Plain } from './backends.ts';

/** Numbers that kernels get wrong when they get anything wrong. */
export const specials: readonly number[] = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-45,
  -1e-39,
  3.4e38,
  -3.4e38,
  0.5,
  2.5,
];

/** A number generator with a seed, for tensors too large to be drawn one number at a time. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A float32 tensor of a shape, with values in [-1, 1). */
export function floats(shape: number[], seed: number): Plain {
  const next = random(seed);
  return { values: Float32Array.from({ length: sizeOf(shape) }, next), shape, dtype: 'float32' };
}

/** An int32 tensor of a shape, with values from -limit to limit - 1. */
export function ints(shape: number[], seed: number, limit = 100): Plain {
  const next = random(seed);
  return {
    values: Int32Array.from({ length: sizeOf(shape) }, () => Math.floor(next() * limit)),
    shape,
    dtype: 'int32',
  };
}

/** A bool tensor of a shape. */
export function bools(shape: number[], seed: number): Plain {
  const next = random(seed);
  return { values: Uint8Array.from({ length: sizeOf(shape) }, () => (next() > 0 ? 1 : 0)), shape, dtype: 'bool' };
}

/** Number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Extents around the widths of vectors, and none. */
const extent: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom(15, 16, 17, 31, 33, 64, 65),
);

/** Shapes of up to `rank` dimensions and about ten thousand elements. */
export function shapes(rank: number, minRank = 0): fc.Arbitrary<number[]> {
  return fc.array(extent, { minLength: minRank, maxLength: rank }).filter((shape) => sizeOf(shape) <= 20_000);
}

/** Seeds of tensors. */
export const seeds: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 ** 31 - 1 });
