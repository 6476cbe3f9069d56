import { nearest } from './nearest.ts';
import { checkNumber, type Rule } from './number.ts';
import { refusal } from './refusal.ts';
import { shown } from './shown.ts';

/** Refuses a value of an option that will not do; the message calls it by name. */
export type Check = (name: string, value: unknown) => void;

/**
 * Makes the check of a number out of its rule.
 *
 * @example
 * ```ts
 * import { aNumber, checkOptions, nonNegative } from '@steppe/check';
 *
 * try {
 *   checkOptions('step', { decay: -1 }, { decay: aNumber(nonNegative) });
 * } catch (error) {
 *   console.log((error as Error).message); // => decay must be a finite number of at least 0, got -1.
 * }
 * ```
 */
export const aNumber =
  (rule: Rule): Check =>
  (name, value) =>
    checkNumber(name, value, rule);

/**
 * Makes the check of a value that is one of a few.
 *
 * @example
 * ```ts
 * import { checkOptions, oneOf } from '@steppe/check';
 *
 * try {
 *   checkOptions('scale', { by: 'row' }, { by: oneOf('element', 'layer') });
 * } catch (error) {
 *   console.log((error as Error).message); // => by must be "element" or "layer", got "row".
 * }
 * ```
 */
export const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (name, value) =>
    checkOneOf(name, value, allowed);

const isList = (allowed: object): allowed is readonly string[] => Array.isArray(allowed);

const proposal = (key: string, allowed: readonly string[]): string => {
  const meant = nearest(key, allowed);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return allowed.length === 0 ? 'it takes none.' : `it takes ${allowed.join(', ')}.`;
};

/**
 * Refuses options that a function does not have, which would otherwise be ignored without a word.
 *
 * @param name - The function, as the message calls it.
 * @param given - What the caller passed.
 * @param allowed - The options that there are: their names, or the check of each by name, for values that are given.
 * @throws When the options are not a record, or hold a name that is not allowed, with the one that was probably meant,
 * or a value that fails its check.
 *
 * @example
 * ```ts
 * import { aNumber, checkOptions, count, oneOf } from '@steppe/check';
 *
 * try {
 *   checkOptions('samTransform', { ordre: 2 }, { order: oneOf(1, 2), steps: aNumber(count) });
 * } catch (error) {
 *   console.log((error as Error).message); // => samTransform has no option "ordre": did you mean "order"?
 * }
 * ```
 */
export function checkOptions(
  name: string,
  given: unknown,
  allowed: readonly string[] | { readonly [option: string]: Check },
): void {
  checkRecord(`The options of ${name}`, given);
  const [names, checks]: readonly [readonly string[], { readonly [option: string]: Check }] = isList(allowed)
    ? [allowed, {}]
    : [Object.keys(allowed), allowed];
  for (const [key, value] of Object.entries(given)) {
    if (!names.includes(key)) throw new Error(`${name} has no option "${key}": ${proposal(key, names)}`);
    if (value !== undefined) checks[key]?.(key, value);
  }
}

/**
 * Refuses what is no record, such as a list of groups in the place of groups by name.
 *
 * @throws When it is something else: `The groups must be a record, got a list of 2.`
 *
 * @example
 * ```ts
 * import { checkRecord } from '@steppe/check';
 *
 * try {
 *   checkRecord('The groups', [1, 2]);
 * } catch (error) {
 *   console.log((error as Error).message); // => The groups must be a record, got a list of 2.
 * }
 * ```
 */
export function checkRecord(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(name, 'a record', value);
}

/**
 * Refuses a value that is none of a few.
 *
 * @throws When it is another: `order must be 1 or 2, got 3.`
 *
 * @example
 * ```ts
 * import { checkOneOf } from '@steppe/check';
 *
 * try {
 *   checkOneOf('by', 'row', ['element', 'layer']);
 * } catch (error) {
 *   console.log((error as Error).message); // => by must be "element" or "layer", got "row".
 * }
 * ```
 */
export function checkOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value)) throw refusal(name, allowed.map(shown).join(' or '), value);
}

/**
 * Refuses what is not a function, and one whose result comes later, which would be taken for the result.
 *
 * @throws When it is something else: `select must be a function, got ".kernel".`, also an `async` or a generator
 * function.
 *
 * @example
 * ```ts
 * import { checkFunction } from '@steppe/check';
 *
 * try {
 *   checkFunction('select', '.kernel');
 * } catch (error) {
 *   console.log((error as Error).message); // => select must be a function, got ".kernel".
 * }
 * ```
 */
export function checkFunction(name: string, value: unknown): void {
  if (shown(value) !== 'a function')
    throw refusal(name, 'a function', value, typeof value === 'function' ? 'it must give its result at once' : '');
}
