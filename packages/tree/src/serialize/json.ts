/** The numbers that JSON cannot say, by the words that stand for them. */
const words: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * Prints plain data as JSON; NaN and the infinities, which JSON cannot say, become the strings `"NaN"`, `"Infinity"`,
 * `"-Infinity"`.
 *
 * `JSON.stringify` alone turns them into `null`: a run that diverged would look like one that was not measured.
 *
 * @param indent - Blanks before each level; without it everything is on one line.
 *
 * @example
 * ```ts
 * import { printJson } from '@steppe/tree';
 *
 * console.log(printJson({ loss: Number.NaN, p: Number.POSITIVE_INFINITY })); // => {"loss":"NaN","p":"Infinity"}
 * ```
 */
export function printJson(value: unknown, indent?: number): string {
  const spell = (_: string, each: unknown): unknown =>
    typeof each === 'number' && !Number.isFinite(each) ? String(each) : each;
  return JSON.stringify(value, spell, indent);
}

/**
 * Gives the number that `printJson` spells as this string, or `undefined` for anything else.
 *
 * A reader asks only where it expects a number: elsewhere `"NaN"` may be a name.
 *
 * @example
 * ```ts
 * import { spelledNumber } from '@steppe/tree';
 *
 * console.log(spelledNumber('-Infinity'), spelledNumber('12')); // => -Infinity undefined
 * ```
 */
export const spelledNumber = (word: unknown): number | undefined => words.get(word);
