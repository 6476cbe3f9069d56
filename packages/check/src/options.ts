import { nearest } from './nearest.ts';
import { shown } from './shown.ts';

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
 * @param allowed - The names of the options that there are.
 * @throws When the options are not a record, or hold a name that is not allowed, with the one that was probably meant.
 *
 * @example
 * ```ts
 * import { checkOptions } from '@steppe/check';
 *
 * try {
 *   checkOptions('samTransform', { ordre: 2 }, ['order', 'steps']);
 * } catch (error) {
 *   console.log((error as Error).message); // => samTransform has no option "ordre": did you mean "order"?
 * }
 * ```
 */
export function checkOptions(name: string, given: unknown, allowed: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error(`The options of ${name} must be a record, got ${shown(given)}.`);
  for (const key of Object.keys(given))
    if (!allowed.includes(key)) throw new Error(`${name} has no option "${key}": ${proposal(key, allowed)}`);
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
  if (!allowed.includes(value))
    throw new Error(`${name} must be ${allowed.map(shown).join(' or ')}, got ${shown(value)}.`);
}

/**
 * Refuses what is not a function.
 *
 * @throws When it is something else: `select must be a function, got ".kernel".`
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
  if (typeof value !== 'function') throw new Error(`${name} must be a function, got ${shown(value)}.`);
}
