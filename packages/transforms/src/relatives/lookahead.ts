import { checkNumber, share } from '@steppe/check';
import { addScaled, minus, type Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { traitsOf } from '../links/check-link.ts';
import { checkOptimizer } from '../links/check-optimizer.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { checkPeriod, nextPhase } from './interval.ts';

/** The state of Lookahead: the phase decides when the weights meet, so it is a plain number. */
export type LookaheadState<State extends Tree> = { readonly phase: number; readonly slow: Tree; readonly fast: State };

/**
 * Wraps an optimizer: it makes k fast steps, then the slow weights go a part of the way to where they led, and it
 * starts again from there: φ ← φ + α·(w - φ), w ← φ.
 *
 * It is a whole optimizer: nothing stands behind it. The optimizer's own state is kept when the weights meet.
 *
 * @param optimizer - Makes the fast steps; ends with its learning rate.
 * @param k - Fast steps to a slow one.
 * @param alpha - α in (0, 1].
 * @throws When the optimizer is none or climbs, or k or alpha is out of its range.
 * @see Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, NeurIPS 2019, Algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, lookahead, samTransform, sgd } from '@steppe/transforms';
 *
 * console.log(lookahead(chain(samTransform(0.05), sgd(0.1)), 5, 0.5).gradientCost); // => 2
 * ```
 */
export function lookahead<State extends Tree, Seen extends Tree = Tree>(
  optimizer: GradientTransformation<State, Seen>,
  k = 5,
  alpha = 0.5,
): GradientTransformation<LookaheadState<State>, Seen> {
  checkPeriod(k);
  checkNumber('alpha', alpha, share);
  checkOptimizer('optimizer', optimizer);
  return transformation({
    ...call('lookahead', optimizer, k, alpha),
    ...traitsOf(optimizer),
    init: (params): LookaheadState<State> => ({ phase: 0, slow: params, fast: optimizer.init(params) }),
    update(gradient, state, params, batch) {
      const [evaluation, fast] = optimizer.update(gradient, state.fast, params, batch);
      const phase = nextPhase(state.phase, k);
      if (phase !== 0) return [evaluation, { ...state, phase, fast }];
      const reached = applyUpdates(params, evaluation.grads);
      const slow = addScaled(reached, alpha - 1, minus(reached, state.slow));
      return [
        { ...evaluation, grads: minus(slow, params) },
        { phase, slow, fast },
      ];
    },
  });
}
