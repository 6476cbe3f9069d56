import { checkFunction, checkNumber, nonNegative, type Rule, shown } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation, Schedule } from '../contract.ts';

/** Refuses what is no transformation, such as a list of them, or a function that makes one. */
export function checkLink(name: string, link: unknown): asserts link is GradientTransformation<Tree, never> {
  const { init, update } = Object(link) as { readonly init?: unknown; readonly update?: unknown };
  if (typeof init === 'function' && typeof update === 'function') return;
  const hint = Array.isArray(link) ? ': write chain(...links)' : typeof link === 'function' ? ': call it' : '';
  throw new Error(`${name} must be a transformation such as scale(-0.1), got ${shown(link)}${hint}.`);
}

/** Refuses what is neither a number that keeps a rule nor a schedule; a schedule that is known to become negative
 * breaks `nonNegative`. */
export function checkScheduled(name: string, value: unknown, rule: Rule = nonNegative): void {
  if (typeof value === 'number') checkNumber(name, value, rule);
  else if (typeof value !== 'function') throw new Error(`${name} must be a number or a schedule, got ${shown(value)}.`);
  else if (rule === nonNegative && (value as Schedule).sign === -1)
    throw new Error(`${name} must be at least 0, got a schedule of negative numbers.`);
}

/** Refuses functions that are none, by name. */
export function checkFunctions(functions: { readonly [name: string]: unknown }): void {
  for (const [name, f] of Object.entries(functions)) checkFunction(name, f);
}

/** The traits of a wrapper that come from what it wraps, its costs among them. */
export const traitsOf = ({
  sign,
  uphill,
  gradientCost,
  costAt,
}: GradientTransformation<Tree, never>): Pick<
  GradientTransformation<Tree>,
  'sign' | 'uphill' | 'gradientCost' | 'costAt'
> => ({ sign, uphill, gradientCost, costAt });
