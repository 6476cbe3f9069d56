import { asScalar, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { type LengthState, noLength, shareOf } from '../optimizers/scale-by-adagrad-norm.ts';
import { checkRho } from '../sam/sam-transform.ts';

/**
 * Makes the ascent of LightSAM, whose radius shrinks as gradients add up: u ← u + ‖g‖₂², g ↦ ∇L(w + ρ·g/√u).
 *
 * The first step is SAM's, and later radii ρ·‖g‖/√u are at most ρ: equal gradients give ρ/√t. LightSAM of AdaGrad-Norm is
 * `chain(lightSam(rho), scaleByAdagradNorm(), scale(-rate))`, its descent being divided likewise. The authors start u at a small
 * number; here it starts at 0, so that ε is scale-free, and a zero gradient gives a zero ε. The report gains `rho`, the
 * radius.
 *
 * @param rho - ρ ≥ 0, or a schedule of it.
 * @throws When rho is negative or not finite.
 * @see Cheng et al., LightSAM: Parameter-Agnostic Sharpness-Aware Minimization, 2505.24399.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lightSam } from '@steppe/transforms';
 *
 * const link = lightSam(0.5);
 * const itself = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null });
 * const w = tf.tensor1d([3, 4]);
 * const [{ report }, state] = link.update(itself, link.init(w), w, null);
 * const [{ report: second }] = link.update(itself, state, w, null);
 * console.log(report?.rho?.arraySync(), second?.rho?.arraySync().toFixed(3)); // => 0.5 0.354
 * ```
 */
export function lightSam(rho: number | Schedule): GradientTransformation<Count & LengthState> {
  checkRho(rho);
  return perturbBy(
    (): Count & LengthState => ({ ...zeroCount(), ...noLength() }),
    (grads, state) => {
      const { direction, share, next } = shareOf(grads, state);
      const radius = asScalar(tf.mul(valueAt(rho, state), share));
      return [scaled(direction, radius), { ...increment(state), ...next }, { rho: radius }];
    },
    call('lightSam', rho),
  );
}
