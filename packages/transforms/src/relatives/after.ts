import { checkNumber } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { type ChainState, chain } from '../links/chain.ts';
import { checkLink } from '../links/check-link.ts';
import { wholeSteps } from '../schedules/tail.ts';
import { type HandOverState, handOver } from './hand-over.ts';

/** Says which call made a link that is made of others. */
const as = <Link extends GradientTransformation<Tree, never>>(link: Link, made: ReturnType<typeof call>): Link => ({
  ...link,
  name: made.name,
  made: made.made,
});

/** The state of a link that begins late: the steps until then, and its own. */
export type AfterState<State extends Tree> = HandOverState<ChainState<readonly []>, State>;

/** The state of a link that ends too. */
export type DuringState<State extends Tree> = AfterState<HandOverState<State, ChainState<readonly []>>>;

/**
 * Applies a link from step n on and passes the gradient as it is before: SAM late in training.
 *
 * A step before n costs one gradient, which a ρ that a schedule holds at 0 does not do. The steps are counted from 0 at
 * `init`; the link's state moves only when it runs, so that a schedule inside counts from n. It is
 * `handOver(n, chain(), link)`.
 *
 * @param step - n, a whole number of at least 0; 0 is the link itself.
 * @throws When n is no such number, or the link turns the gradient around, as `sgd(0.1)` does: the weights would climb
 * before n.
 * @see Zhou et al., Sharpness-Aware Minimization Efficiently Selects Flatter Minima Late in Training, ICLR 2025.
 *
 * @example
 * ```ts
 * import { after, chain, gradientsOver, samTransform, sgd } from '@steppe/transforms';
 *
 * const optimizer = chain(after(70, samTransform(0.05)), sgd(0.1));
 * console.log(gradientsOver(optimizer, 100)); // => 130
 * ```
 */
export function after<State extends Tree, Seen extends Tree = Tree>(
  step: number,
  link: GradientTransformation<State, Seen>,
): GradientTransformation<AfterState<State>, Seen> {
  checkLink('link', link);
  const made = handOver(step, chain(), link as GradientTransformation<State>);
  return as(made, call('after', step, link));
}

/**
 * Applies a link at the steps n … m - 1 and passes the gradient as it is at the others.
 *
 * As `after`, but that it ends: a step from m on costs one gradient again. `during(0, m, link)` is the link for the
 * first m steps.
 *
 * @param from - n, a whole number of at least 0.
 * @param to - m, the first step without the link again, a whole number of at least n.
 * @throws When n or m is no such number, or the link turns the gradient around, as `sgd(0.1)` does.
 *
 * @example
 * ```ts
 * import { chain, during, gradientsOver, samTransform, sgd } from '@steppe/transforms';
 *
 * const optimizer = chain(during(10, 30, samTransform(0.05)), sgd(0.1));
 * console.log(gradientsOver(optimizer, 100)); // => 120
 * ```
 */
export function during<State extends Tree, Seen extends Tree = Tree>(
  from: number,
  to: number,
  link: GradientTransformation<State, Seen>,
): GradientTransformation<DuringState<State>, Seen> {
  checkNumber('from', from, wholeSteps);
  checkNumber('to', to, wholeSteps);
  if (to < from) throw new Error(`to must be at least from, got ${to} and ${from}.`);
  checkLink('link', link);
  const made = after(from, handOver(to - from, link as GradientTransformation<State>, chain()));
  return as(made, call('during', from, to, link));
}
