import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** A reference value, computed in float64 by numpy from the formulas and from the algorithms of the named systems. */
export type Vector<Inputs, Expected> = { readonly id: string; readonly inputs: Inputs; readonly expected: Expected };

const file = new URL('../fixtures/sam-vectors.json', import.meta.url);
const all: readonly Vector<unknown, unknown>[] = JSON.parse(readFileSync(file, 'utf8'));

/** The vectors whose name begins so; their types are the caller's knowledge of the fixture. */
export function vectors<Inputs, Expected>(prefix: string): readonly Vector<Inputs, Expected>[] {
  const found = all.filter(({ id }) => id.startsWith(prefix));
  if (found.length === 0) throw new Error(`The fixture has no vector "${prefix}".`);
  return found as readonly Vector<Inputs, Expected>[];
}

/** JSON has no infinity. */
export const number = (x: number | string): number => (x === 'inf' ? Number.POSITIVE_INFINITY : Number(x));

function expectWithin(actual: readonly number[], expected: readonly number[], allowed: (e: number) => number): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, e] of expected.entries())
    expect(Math.abs((actual[i] ?? Number.NaN) - e), `entry ${i}: ${actual} for ${expected}`).toBeLessThanOrEqual(
      allowed(e),
    );
}

/** Expects each number to be near, relative to itself. */
export const expectEach = (actual: readonly number[], expected: readonly number[], tolerance = 2e-5): void =>
  expectWithin(actual, expected, (e) => tolerance * Math.abs(e));

/** Expects a vector to be near, relative to its largest entry: for what comes out of differences. */
export const expectNear = (actual: readonly number[], expected: readonly number[], tolerance = 2e-5): void =>
  expectWithin(actual, expected, () => tolerance * Math.max(...expected.map(Math.abs)));

/** Expects every point of a path to be near. */
export function expectPath(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [step, point] of expected.entries()) expectNear(actual[step] ?? [], point);
}
