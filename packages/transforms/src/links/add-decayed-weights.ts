import { checkNumber, nonNegative } from '@steppe/check';
import { addScaled } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { stateless } from './lift.ts';

/**
 * Adds a multiple of the weights to the gradient: g ↦ g + λ·w.
 *
 * Before `samTransform` this is the L2 penalty ½λ‖w‖² inside the loss, felt by both passes and by ε̂ (the paper's
 * code); behind it the decay is outside of SAM (most ports). `masked` spares leaves from it.
 *
 * @param weightDecay - λ ≥ 0.
 * @throws When the weight decay is negative or not finite.
 * @see optax.add_decayed_weights
 *
 * @example
 * ```ts
 * import { addDecayedWeights, chain, samTransform, scale } from '@steppe/transforms';
 *
 * const asInThePaper = chain(addDecayedWeights(5e-4), samTransform(0.05), scale(-0.1));
 * const decoupled = chain(samTransform(0.05), addDecayedWeights(5e-4), scale(-0.1));
 * console.log(asInThePaper.gradientCost, decoupled.gradientCost); // => 2 2
 * ```
 */
export function addDecayedWeights(weightDecay: number): GradientTransformation<null> {
  checkNumber('The weight decay', weightDecay, nonNegative);
  return stateless((grads, params) => addScaled(grads, weightDecay, params), {
    ...call('addDecayedWeights', weightDecay),
    linear: true,
    adds: true,
  });
}
