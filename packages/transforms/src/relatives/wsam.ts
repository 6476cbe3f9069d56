import { belowOne, checkNumber } from '@steppe/check';
import { asScalar, minus, plus, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkScheduled, traitsOf } from '../links/check-link.ts';
import { checkOptimizer } from '../links/check-optimizer.ts';
import { costOf } from '../links/cost.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { inPlaceOf } from '../links/in-place-of.ts';
import { transformation } from '../links/transformation.ts';
import { updateWithClean, withClean } from '../links/with-clean.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';

function checkGamma(gamma: number): void {
  checkNumber('gamma', gamma, belowOne);
}

/**
 * Makes weighted SAM, coupled: the sharpness L(w + ε̂) - L(w) enters with weight γ/(1 - γ),
 * g ↦ (1 - 2γ)/(1 - γ)·g + γ/(1 - γ)·g_p, g_p = ∇L(w + ε̂).
 *
 * γ = 0 is the plain gradient, γ = ½ is SAM. The authors find the decoupled form better (`decoupledWsam`).
 *
 * @param rho - As for `samTransform`.
 * @param gamma - γ in [0, 1).
 * @throws When gamma is outside of [0, 1), or as `samTransform`.
 * @see Yue et al., Sharpness-Aware Minimization Revisited: Weighted Sharpness as a Regularization Term, KDD 2023,
 * equation (7).
 *
 * @example
 * ```ts
 * import { chain, sgd, wsam } from '@steppe/transforms';
 *
 * console.log(chain(wsam(0.05, 0.9), sgd(0.1)).gradientCost); // => 2
 * ```
 */
export function wsam(rho: Radius, gamma: number, p = 2): GradientTransformation<Count> {
  checkGamma(gamma);
  const weight = gamma / (1 - gamma);
  return withClean(samTransform(rho, p), (clean, sharp) => plus(scaled(clean, 1 - weight), scaled(sharp, weight)), {
    ...call('wsam', rho, gamma, p),
  });
}

/** The state of the decoupled form: how often it ran, that of SAM, and that of the optimizer. */
export type DecoupledWsamState<State extends Tree> = Count & { readonly sam: Count; readonly optimizer: State };

/**
 * Makes weighted SAM, decoupled: an optimizer steps along the plain gradient, and the sharpness is descended beside it,
 * u = optimizer(g) - η·γ/(1 - γ)·(g_p - g).
 *
 * So the moments of Adam see nothing of the sharpness. It is a whole optimizer: nothing scales it afterwards.
 *
 * @param optimizer - Ends with its learning rate.
 * @param learningRate - η, the same as the optimizer's.
 * @throws When the optimizer is none or climbs, gamma is outside of [0, 1), or as `samTransform`.
 * @see Yue et al., KDD 2023, Algorithm 2.
 *
 * @example
 * ```ts
 * import { adam, decoupledWsam } from '@steppe/transforms';
 *
 * console.log(decoupledWsam(adam(1e-3), 0.05, 0.9, 1e-3).gradientCost); // => 2
 * ```
 */
export function decoupledWsam<State extends Tree, Seen extends Tree = Tree>(
  optimizer: GradientTransformation<State, Seen>,
  rho: Radius,
  gamma: number,
  learningRate: number | Schedule,
  p = 2,
): GradientTransformation<DecoupledWsamState<State>, Seen> {
  checkOptimizer('optimizer', optimizer);
  checkGamma(gamma);
  checkScheduled('learningRate', learningRate);
  const sam = samTransform(rho, p);
  return transformation({
    ...call('decoupledWsam', optimizer, rho, gamma, learningRate, p),
    ...traitsOf(optimizer),
    uphill: true,
    ...costOf([sam, optimizer], ([own = 1, inner = 1]) => own * inner),
    init: (params) => ({ ...zeroCount(), sam: sam.init(params), optimizer: optimizer.init(params) }),
    update(gradient, state, params, batch) {
      // The optimizer sees the plain gradient; the sharp one goes beside it, as the states of links do.
      const plain = inPlaceOf(gradient, (at, examples) => {
        const { clean, evaluation, next } = updateWithClean(sam, gradient, state.sam, at, examples);
        return {
          ...evaluation,
          grads: clean,
          carried: [next, minus(evaluation.grads, clean), ...(evaluation.carried ?? [])],
        };
      });
      const [evaluation, next] = optimizer.update(plain, state.optimizer, params, batch);
      const [samState, sharpness, ...carried] = evaluation.carried ?? [];
      const weight = asScalar(tf.mul(valueAt(learningRate, state), gamma / (1 - gamma)));
      const grads = minus(evaluation.grads, scaled(sharpness as typeof params, weight));
      return [
        { ...evaluation, grads, carried },
        { ...increment(state), sam: samState as Count, optimizer: next },
      ];
    },
  });
}
