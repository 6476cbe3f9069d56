import { checkNumber, nonNegative } from '@steppe/check';
import { norm, plus, ratio, scaled, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import type { Count } from '../links/counted.ts';
import { transformation } from '../links/transformation.ts';
import { updateWithClean } from '../links/with-clean.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { orthogonalTo } from './gsam.ts';
import { checkPeriod } from './interval.ts';

/** The state of LookSAM: the phase decides what runs, so it is a plain number; `turn` is the part that is reused. */
export type LookSamState = { readonly phase: number; readonly sam: Count; readonly turn: Tree };

/**
 * Makes LookSAM, which takes the SAM gradient at every k-th step and reuses its part orthogonal to the plain gradient
 * between them.
 *
 * At a SAM step g_s = ∇L(w + ε̂), the turn g_v = g_s - ⟨g_s, ĝ⟩ĝ is kept; at the others g ↦ g + α·(‖g‖/‖g_v‖)·g_v. It
 * costs 1 + 1/k gradients a step. The first step is a SAM step.
 *
 * @param k - The period, a whole number of at least 1; 1 is SAM.
 * @param rho - As for `samTransform`.
 * @param alpha - α ≥ 0, the weight of the turn.
 * @throws When k or alpha is out of range, or as `samTransform`.
 * @see Liu et al., Towards Efficient and Scalable Sharpness-Aware Minimization, CVPR 2022, Algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, lookSam, sgd } from '@steppe/transforms';
 *
 * console.log(chain(lookSam(5, 0.05), sgd(0.1)).gradientCost); // => 1.2
 * ```
 */
export function lookSam(k: number, rho: Radius, alpha = 0.7, p = 2): GradientTransformation<LookSamState> {
  checkPeriod(k);
  checkNumber('alpha', alpha, nonNegative);
  const sam = samTransform(rho, p);
  return transformation({
    ...call('lookSam', k, rho, alpha, p),
    uphill: true,
    gradientCost: 1 + 1 / k,
    costAt: (step) => (step % k === 0 ? 2 : 1),
    init: (params): LookSamState => ({ phase: 0, sam: sam.init(params), turn: zerosLike(params) }),
    update(gradient, state, params, batch) {
      const phase = (state.phase + 1) % k;
      if (state.phase === 0) {
        const { clean, evaluation, next } = updateWithClean(sam, gradient, state.sam, params, batch);
        return [evaluation, { phase, sam: next, turn: orthogonalTo(evaluation.grads, clean) }];
      }
      const evaluation = gradient(params, batch);
      const length = ratio(norm(evaluation.grads), norm(state.turn));
      const turn = scaled(state.turn, tf.mul(length, alpha));
      return [
        { ...evaluation, grads: plus(evaluation.grads, turn) },
        { ...state, phase },
      ];
    },
  });
}
