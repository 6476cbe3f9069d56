import { belowOne, checkNumber } from '@steppe/check';
import { plus, scaled, unit, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { displaceBy } from '../links/displace-by.ts';
import type { TraceState } from '../optimizers/trace.ts';
import { checkRho } from '../sam/sam-transform.ts';

/**
 * Makes Momentum-SAM, SAM at the price of one gradient, which is taken at a point displaced against the momentum: v ←
 * β·v + ∇L(w - ρ·v/‖v‖), and gives v.
 *
 * It takes the place of `trace` in a chain. Since v sums gradients, -v is where the momentum carries w; the loss is
 * high there when the valley is sharp. The weights themselves stay at w, so that evaluating needs no un-perturbing;
 * loss, aux and report are those of the displaced point. The first step is not displaced.
 *
 * @param rho - ρ ≥ 0 or a schedule of it; the authors take 0.3 to 3, larger than for SAM.
 * @param decay - β in [0, 1).
 * @throws When rho is negative or not finite, or the decay is not in [0, 1).
 * @see Becker, Altrock & Risse, Momentum-SAM: Sharpness Aware Minimization without Computational Overhead, 2024,
 * Algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, momentumSam, scale } from '@steppe/transforms';
 *
 * console.log(chain(momentumSam(0.3, 0.9), scale(-0.1)).gradientCost); // => 1
 * ```
 */
export function momentumSam(rho: number | Schedule, decay = 0.9): GradientTransformation<Count & TraceState> {
  checkRho(rho);
  checkNumber('decay', decay, belowOne);
  return displaceBy(
    (params): Count & TraceState => ({ ...zeroCount(), velocity: zerosLike(params) }),
    (state) => scaled(unit(state.velocity), tf.neg(valueAt(rho, state))),
    (grads, state) => {
      const velocity = plus(grads, scaled(state.velocity, decay));
      return [velocity, { ...increment(state), velocity }];
    },
    // Its velocity sums the gradients that it gets.
    { ...call('momentumSam', rho, decay), uphill: true, linear: (grads) => grads, affine: true },
  );
}
