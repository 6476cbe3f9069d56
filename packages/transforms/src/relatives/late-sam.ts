import { refusal } from '@steppe/check';
import type { GradientTransformation } from '../contract.ts';
import type { Count } from '../links/counted.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { checkTail, tailStart } from '../schedules/tail.ts';
import { type AfterState, after } from './after.ts';

/**
 * Makes late SAM, which is SAM in the last part of a run and costs one gradient a step before:
 * `after(t₀, samTransform(rho, p))` with t₀ = round((1 - f)·T).
 *
 * The run of T steps costs (1 + f)·T gradients. The tail should own a whole anneal of the learning rate, as that of
 * `warmupStableDecay(rate, T, f)`. ρ counts from t₀: `lateSam(linear(rho / r, rho, r - 1), T, f)` ramps it up over the
 * first r steps of SAM, ρ·min(1, (t - t₀ + 1)/r). Another optimizer in the tail is `handOver` behind it.
 *
 * @param rho - As for `samTransform`; a schedule counts from t₀.
 * @param steps - T, the steps of the run; from then on it stays SAM.
 * @param tail - f in (0, 1], the share of the steps that are SAM's; 1 is SAM.
 * @throws When T or f is out of range, the tail rounds to no step, or as `samTransform`.
 * @see Zhou et al., Sharpness-Aware Minimization Efficiently Selects Flatter Minima Late in Training, ICLR 2025;
 * Temperon, arXiv 2609.17575, for the ramp and the anneal.
 *
 * @example
 * ```ts
 * import { chain, gradientsOver, lateSam, sgd, warmupStableDecay } from '@steppe/transforms';
 *
 * const optimizer = chain(lateSam(0.05, 1000, 0.3), sgd(warmupStableDecay(0.1, 1000, 0.3)));
 * console.log(gradientsOver(optimizer, 1000)); // => 1300
 * ```
 */
export function lateSam(rho: Radius, steps: number, tail = 0.3, p = 2): GradientTransformation<AfterState<Count>> {
  checkTail(steps, tail);
  const start = tailStart(steps, tail);
  if (start === steps)
    throw refusal('tail', `more than half a step of the ${steps}`, tail, 'without a tail leave SAM out');
  return after(start, samTransform(rho, p));
}
