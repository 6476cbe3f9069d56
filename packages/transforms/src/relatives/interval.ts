import { aNumber, type Check, checkNumber, count, nonNegative } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { chain } from '../links/chain.ts';
import { checkLink, traitsOf } from '../links/check-link.ts';
import { costAt } from '../links/cost.ts';
import { transformation } from '../links/transformation.ts';
import { checkSigns } from './hand-over.ts';

/** The check of a period of steps. */
export const periodic: Check = aNumber(count);

/** Refuses a period that is none. */
export const checkPeriod = (k: number): void => periodic('The period k', k);

/** The phase after this step; with that of another link's state, which is none, it would never be 0 again. */
export function nextPhase(phase: number, k: number): number {
  checkNumber('phase', phase, nonNegative);
  return (phase + 1) % k;
}

/** The phase decides what runs, so it is a plain number: the steps since the inner link last ran. */
export type IntervalState<State extends Tree> = { readonly phase: number; readonly inner: State };

/**
 * Applies a link at every k-th step and passes the gradient as it is at the others.
 *
 * The step t, counted from 0, is one with the link when (t + 1) mod k = 0. With SAM inside a step costs 1 + 1/k
 * gradients on average. The link's state moves only when it runs.
 *
 * @param k - The period, a whole number of at least 1; 1 is the link itself.
 * @throws When k is not a positive whole number, or the link turns the gradient around, as `sgd(0.1)` does: the weights
 * would climb at the other steps.
 * @see mosaicml/composer, SAM with `interval`.
 *
 * @example
 * ```ts
 * import { chain, interval, samTransform, sgd } from '@steppe/transforms';
 *
 * console.log(chain(interval(2, samTransform(0.05)), sgd(0.1)).gradientCost); // => 1.5
 * ```
 */
export function interval<State extends Tree, Seen extends Tree = Tree>(
  k: number,
  link: GradientTransformation<State, Seen>,
): GradientTransformation<IntervalState<State>, Seen> {
  checkPeriod(k);
  checkLink('link', link);
  if (k > 1) checkSigns(link, chain(), 'At every step', 'behind interval in the chain');
  return transformation({
    ...call('interval', k, link),
    ...traitsOf(link),
    gradientCost: (link.gradientCost + (k - 1)) / k,
    // The link counts the steps at which it runs.
    costAt: (step) => ((step + 1) % k === 0 ? costAt(link, (step + 1) / k - 1) : 1),
    init: (params) => ({ phase: 0, inner: link.init(params) }),
    update(gradient, state, params, batch) {
      const phase = nextPhase(state.phase, k);
      if (phase !== 0) return [gradient(params, batch), { ...state, phase }];
      const [evaluation, inner] = link.update(gradient, state.inner, params, batch);
      return [evaluation, { phase, inner }];
    },
  });
}
