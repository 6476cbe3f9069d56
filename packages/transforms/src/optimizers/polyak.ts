import { aNumber, checkOptions, finite, nonNegative } from '@steppe/check';
import { addScaled, asScalar, norm, ratio, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { transformation } from '../links/transformation.ts';

export type PolyakOptions = {
  /** ℓ*, below which no batch's loss goes. @defaultValue 0 */
  readonly lowerBound?: number;
  /** γ_b, the longest step; `Infinity` is none. @defaultValue 1 */
  readonly maxRate?: number;
  /** λ, of weights that decay with the step: -γ(g + λw). @defaultValue 0 */
  readonly weightDecay?: number;
};

/**
 * Makes the last link of a chain that needs no learning rate: Polyak's step -γ·g with
 * γ = min([L(w) - ℓ*]₊/‖g‖², γ_b), and behind SAM that of SAM-SPS, γ = min([L(w + ε) - ⟨g′, ε⟩ - ℓ*]₊/‖g′‖², γ_b).
 *
 * SAM tells it L(w + ε) - ⟨g′, ε⟩ by `tangentLoss` of the report, which `samTransform`, `usam` and every `perturbBy` add; slices of `microBatch` average it as they do gradients. It stands right behind these, since γ is right for the
 * gradient of the loss that is reported alone: behind `scale(c)` in between, a step is 1/c of Polyak's, behind momentum or
 * Adam it is none, and decay before it is no part of the loss that it compares with. No link says whether it changes the
 * gradient so, and none is refused; `maxRate` bounds γ. A zero gradient gives no step. The report gains `scale`, -γ.
 *
 * The paper has no weight decay; its code adds `weightDecay` after γ, as here.
 *
 * @throws When an option is unknown or out of its range; at an update, when the gradient is one at w + ε of a link that
 * does not report `tangentLoss`.
 * @see Oikonomou & Loizou, Adaptive Sharpness-Aware Minimization with a Polyak-type Step size, ICML 2026, arXiv 2606.01827,
 * and github.com/dimitris-oik/sam_sps; Loizou et al., SPS_max, AISTATS 2021; optax.scale_by_polyak.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { chain, polyak, samTransform } from '@steppe/transforms';
 *
 * const optimizer = chain(samTransform(0.5), polyak({ maxRate: Infinity }));
 * // A loss that is linear, L(w) = 2w: one step leads to the bound, whatever the radius.
 * const gradient = (w: tf.Tensor) => ({ value: tf.mul<tf.Scalar>(w, 2), grads: tf.scalar(2) as tf.Tensor, aux: null });
 * const w = tf.scalar(3);
 * console.log(optimizer.update(gradient, optimizer.init(w), w, null)[0].grads.arraySync()); // => -3
 * ```
 */
export function polyak(options: PolyakOptions = {}): GradientTransformation<null> {
  checkOptions('polyak', options, {
    lowerBound: aNumber(finite),
    maxRate: aNumber(['above 0', (rate) => rate > 0]),
    weightDecay: aNumber(nonNegative),
  });
  const { lowerBound = 0, maxRate = 1, weightDecay = 0 } = options;
  return transformation({
    ...call('polyak', options),
    sign: -1,
    uphill: true,
    gradientCost: 1,
    init: () => null,
    update(gradient, state, params, batch) {
      const evaluation = gradient(params, batch);
      const { value, grads, report } = evaluation;
      if (report?.perturbedLoss && !report.tangentLoss)
        throw new Error(
          'polyak needs to know where the tangent at w + ε passes w: put it behind samTransform or what perturbBy makes.',
        );
      const gap = asScalar(tf.relu(tf.sub(report?.tangentLoss ?? value, lowerBound)));
      const length = norm(grads);
      // Divided twice: the square of the norm leaves float32 long before it.
      const rate = tf.minimum(ratio(ratio(gap, length), length), maxRate);
      const step = asScalar(tf.neg(rate));
      const direction = weightDecay === 0 ? grads : addScaled(grads, weightDecay, params);
      return [{ ...evaluation, grads: scaled(direction, step), report: { ...report, scale: step } }, state];
    },
  });
}
