import { checkNumber } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { checkLink } from './check-link.ts';

type Costs = Pick<GradientTransformation<Tree>, 'gradientCost' | 'costAt'>;

/**
 * Gives the gradients that update number `step` of a link evaluates, whether or not that depends on the step.
 *
 * @param step - Counted from 0.
 *
 * @example
 * ```ts
 * import { interval, samTransform } from '@steppe/transforms';
 * import { costAt } from '@steppe/transforms/parts';
 *
 * console.log(costAt(samTransform(0.1), 7), costAt(interval(3, samTransform(0.1)), 2)); // => 2 2
 * ```
 */
export const costAt = ({ gradientCost, costAt }: Costs, step: number): number => costAt?.(step) ?? gradientCost;

/**
 * Gives the costs of a link that is made of others, all of them updated at every step, out of theirs: spread it where the
 * link is made.
 *
 * @param combine - Gives a cost from those of the links, such as their sum or product.
 *
 * @example
 * ```ts
 * import { samTransform, trace } from '@steppe/transforms';
 * import { costOf } from '@steppe/transforms/parts';
 *
 * const sum = (costs: readonly number[]) => costs.reduce((a, b) => a + b, 0);
 * console.log(costOf([samTransform(0.1), trace(0.9)], sum)); // => { gradientCost: 3 }
 * ```
 */
export const costOf = (links: readonly Costs[], combine: (costs: readonly number[]) => number): Costs => ({
  gradientCost: combine(links.map(({ gradientCost }) => gradientCost)),
  ...(links.some((link) => link.costAt) && { costAt: (step) => combine(links.map((link) => costAt(link, step))) }),
});

/**
 * Counts the gradients of the whole batch that the first updates of an optimizer evaluate: Σ costAt(t) over t = 0 … steps
 * - 1.
 *
 * It is what two optimizers are compared by: a run of SAM at every second step costs as much as one and a half of
 * gradient descent. A Hessian product counts as 2.
 *
 * @param steps - How many updates, a whole number of at least 0.
 * @throws When `link` is no transformation, or `steps` no such number.
 *
 * @example
 * ```ts
 * import { chain, gradientsOver, interval, samTransform, sgd } from '@steppe/transforms';
 *
 * const optimizer = chain(interval(2, samTransform(0.05)), sgd(0.1)); // SAM at the second of two steps
 * console.log(gradientsOver(optimizer, 3), gradientsOver(optimizer, 4)); // => 4 6
 * ```
 */
export function gradientsOver(link: GradientTransformation<Tree, never>, steps: number): number {
  checkLink('link', link);
  checkNumber('steps', steps, ['a whole number of at least 0', (n) => Number.isInteger(n) && n >= 0]);
  if (!link.costAt) return steps * link.gradientCost;
  let sum = 0;
  for (let step = 0; step < steps; step++) sum += link.costAt(step);
  return sum;
}
