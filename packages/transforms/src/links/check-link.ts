import { checkFunction, checkNumber, nonNegative, type Rule, refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation, Schedule } from '../contract.ts';

/**
 * Refuses what is no transformation, such as a list of them, or a function that makes one.
 *
 * @param name - What the message calls it.
 * @throws When `link` is none, with what it is and what to write.
 *
 * @example
 * ```ts
 * import { trace } from '@steppe/transforms';
 * import { checkLink } from '@steppe/transforms/parts';
 *
 * try {
 *   checkLink('inner', trace);
 * } catch (error) {
 *   console.log((error as Error).message); // => inner must be a transformation such as scale(-0.1), got a function: call it.
 * }
 * ```
 */
export function checkLink(name: string, link: unknown): asserts link is GradientTransformation<Tree, never> {
  const { init, update } = Object(link) as { readonly init?: unknown; readonly update?: unknown };
  if (typeof init === 'function' && typeof update === 'function') return;
  const hint = Array.isArray(link) ? 'write chain(...links)' : typeof link === 'function' ? 'call it' : '';
  throw refusal(name, 'a transformation such as scale(-0.1)', link, hint);
}

/**
 * Refuses what is neither a number that keeps a rule nor a schedule of such numbers.
 *
 * A schedule is asked for the numbers between which it stays, as those of this package say; one that only says that it
 * is negative stands for -1, and one that says nothing passes, as its values are on the device.
 *
 * @param name - What the message calls it.
 * @param rule - A rule of `@steppe/check`. @defaultValue nonNegative
 * @throws When the value is neither, or breaks the rule.
 *
 * @example
 * ```ts
 * import { constant } from '@steppe/transforms';
 * import { checkScheduled } from '@steppe/transforms/parts';
 *
 * checkScheduled('sigma', constant(0.1));
 * try {
 *   checkScheduled('sigma', -0.1);
 * } catch (error) {
 *   console.log((error as Error).message); // => sigma must be a finite number of at least 0, got -0.1.
 * }
 * ```
 */
export function checkScheduled(name: string, value: unknown, rule: Rule = nonNegative): void {
  if (typeof value === 'number') checkNumber(name, value, rule);
  else if (typeof value !== 'function') throw refusal(name, 'a number or a schedule', value);
  else {
    checkFunction(name, value);
    const { sign, values = sign === -1 ? [-1] : [] } = value as Schedule;
    for (const end of values) checkNumber(`${name}, a schedule,`, end, rule);
  }
}

/**
 * Refuses functions that are none, by name.
 *
 * @throws When one is something else.
 *
 * @example
 * ```ts
 * import { checkFunctions } from '@steppe/transforms/parts';
 *
 * try {
 *   checkFunctions({ select: '.kernel' });
 * } catch (error) {
 *   console.log((error as Error).message); // => select must be a function, got ".kernel".
 * }
 * ```
 */
export function checkFunctions(functions: { readonly [name: string]: unknown }): void {
  for (const [name, f] of Object.entries(functions)) checkFunction(name, f);
}

/**
 * Gives the traits of a wrapper that come from what it wraps: its sign, whether it goes uphill, and its costs.
 *
 * @example
 * ```ts
 * import { samTransform } from '@steppe/transforms';
 * import { traitsOf } from '@steppe/transforms/parts';
 *
 * console.log(traitsOf(samTransform(0.05))); // => { sign: 1, uphill: true, gradientCost: 2, costAt: undefined }
 * ```
 */
export const traitsOf = ({
  sign,
  uphill,
  gradientCost,
  costAt,
}: GradientTransformation<Tree, never>): Pick<
  GradientTransformation<Tree>,
  'sign' | 'uphill' | 'gradientCost' | 'costAt'
> => ({ sign, uphill, gradientCost, costAt });
