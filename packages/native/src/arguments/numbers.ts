import { mostElements, refuse } from './refusal.ts';

/** A whole number from `low` to `high`. */
export function whole(what: string, value: unknown, low = 0, high: number = mostElements): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
  if (high < low) return refuse(what, 'left out here', value);
  return refuse(what, low === high ? `${low} here` : `a whole number from ${low} to ${high}`, value);
}

/** A number; NaN and infinity are numbers. */
export function real(what: string, value: unknown): number {
  return typeof value === 'number' ? value : refuse(what, 'a number', value);
}

/** A number that scales or is added where only a finite one makes sense, and no negative one. */
export function positive(what: string, value: unknown): number {
  return Number.isFinite(value) && Number(value) >= 0 ? Number(value) : refuse(what, 'a number from 0 on', value);
}

/** Yes or no, as C takes it. */
export function flag(what: string, value: unknown): 0 | 1 {
  return value === true ? 1 : value === false ? 0 : refuse(what, 'true or false', value);
}

/** Whole numbers from `low` on, `count` of them where that is given. */
export function wholes(what: string, value: unknown, low = 0, count?: number): number[] {
  if (!Array.isArray(value) || (count !== undefined && value.length !== count))
    return refuse(what, count === undefined ? 'a list of whole numbers' : `a list of ${count} whole numbers`, value);
  for (let i = 0; i < value.length; i++) whole(what, value[i], low);
  return value;
}

/** A distance or an extent along rows and columns: one whole number for both, or two, each at least 1. */
export function pair(what: string, value: unknown): readonly [number, number] {
  if (typeof value === 'number') {
    const both = whole(what, value, 1);
    return [both, both];
  }
  if (!Array.isArray(value) || value.length !== 2) return refuse(what, 'a whole number, or two', value);
  return [whole(what, value[0], 1), whole(what, value[1], 1)];
}

/** How much is added, or cut off, before and after each of `count` dimensions. */
export function borders(what: string, value: unknown, count: number): readonly (readonly [number, number])[] {
  if (!Array.isArray(value) || value.length !== count)
    return refuse(what, `a list of ${count} pairs [before, after]`, value);
  for (const each of value) wholes(what, each, 0, 2);
  return value;
}

/** One of some names. */
export function oneOf<Name extends string>(what: string, value: unknown, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  return found ?? refuse(what, `one of ${names.join(', ')}`, value);
}
