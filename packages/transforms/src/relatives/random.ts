import { aNumber, type Check, checkOneOf, checkOptions } from '@steppe/check';
import { foldIn, type Key, key, normal, split } from '@steppe/random';
import { asScalar, fillLike, map2, norm, scaled } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { displaceBy } from '../links/displace-by.ts';
import { checkNorm } from '../sam/norm-exponent.ts';
import { checkRho } from '../sam/sam-transform.ts';

/** The state of a random link: its key, and the count for schedules. */
export type RandomState = Count & { readonly key: Key };

/** Refuses a seed that makes no key. */
export const checkSeed: Check = aNumber(['a whole number of at least 0', (x) => Number.isSafeInteger(x) && x >= 0]);

/** The length of every output filter, over all axes but the last, and of the whole leaf where it has one axis or none;
 * scaled by the largest entry, so that no square leaves float32. */
function filterNorms(w: Tensor): Tensor {
  if (w.rank < 2 || w.size === 0) return norm(w);
  const axes = w.shape.slice(1).map((_, axis) => axis);
  const largest = tf.max(tf.abs(w), axes, true);
  const unit = tf.div(w, tf.where(tf.greater(largest, 0), largest, 1));
  return tf.mul(largest, tf.sqrt(tf.sum(tf.square(unit), axes, true)));
}

/** Noise of the size of the weights, in the place of a ball. */
export type FilterNoise = { readonly noise: 'filter' };

/**
 * Evaluates the gradient at a random point nearby: g ↦ ∇L(w + ρ·z/‖z‖ₚ), z normal. The paper's ablation: SAM beats it.
 *
 * It costs one gradient; loss, aux and report are those of the displaced point.
 *
 * With `{ noise: 'filter' }` it is random weight perturbation (RWP): g ↦ ∇L(w + n), every entry of n normal with the
 * standard deviation ρ·‖w_f‖₂, w_f the weights of its output, over all axes but the last, or the whole leaf where it has
 * one axis or none. The authors take ρ = 0.01, and average it with the plain gradient of other examples, α·∇L(w + n) +
 * (1 - α)·∇L(w).
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @param seed - Of the random directions.
 * @param form - p, the norm in which the step is ρ long, or `{ noise: 'filter' }`.
 * @throws When rho is negative or not finite, p is below 1, or the noise is none.
 * @see Foret et al., ICLR 2021, appendix C.5; the ‖z‖₂² printed there is a typo, which would not have norm ρ. Li et al.,
 * Revisiting Random Weight Perturbation for Efficiently Improving Generalization, TMLR 2024; nblt/RWP.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { random } from '@steppe/transforms';
 *
 * const link = random(0.5, 7);
 * const w = tf.tensor1d([0, 0, 0]);
 * const [{ grads }] = link.update((at: tf.Tensor) => ({ value: tf.scalar(0), grads: at, aux: null }), link.init(w), w, null);
 * console.log(tf.norm(grads).arraySync()?.toString().slice(0, 4)); // => 0.5
 * ```
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { random, transformation } from '@steppe/transforms';
 * import { addScaled, scaled } from '@steppe/tree';
 *
 * // RWP: half of the gradient at w, half of that among the noise.
 * const noisy = random(0.01, 7, { noise: 'filter' });
 * const rwp = transformation({
 *   gradientCost: 2,
 *   init: noisy.init,
 *   update(gradient, state, params, batch) {
 *     const [{ grads }, next] = noisy.update(gradient, state, params, batch);
 *     const clean = gradient(params, batch);
 *     return [{ ...clean, grads: addScaled(scaled(clean.grads, 0.5), 0.5, grads) }, next];
 *   },
 * });
 * const one = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.onesLike(w), aux: null });
 * const w = tf.tensor1d([3, 4]);
 * console.log([...rwp.update(one, rwp.init(w), w, null)[0].grads.dataSync()]); // => [ 1, 1 ]
 * ```
 */
export function random(
  rho: number | Schedule,
  seed: number,
  form: number | FilterNoise = 2,
): GradientTransformation<RandomState> {
  checkRho(rho);
  if (typeof form === 'number') checkNorm(form);
  else {
    checkOptions('random', form, ['noise']);
    checkOneOf('noise', form.noise, ['filter']);
  }
  checkSeed('seed', seed);
  return displaceBy(
    (): RandomState => ({ ...zeroCount(), key: key(seed) }),
    (state, params) => {
      const [now] = split(state.key);
      const z = fillLike(params, (shape, i) => normal(foldIn(now, i), shape));
      const radius = valueAt(rho, state);
      return typeof form === 'number'
        ? scaled(z, asScalar(tf.div(radius, norm(z, form))))
        : map2(z, params, (x, w) => tf.mul(x, tf.mul(filterNorms(w), radius)));
    },
    (grads, state) => {
      const [, next] = split(state.key);
      return [grads, { ...increment(state), key: next }];
    },
    {
      ...call('random', rho, seed, form),
      // Noise by filter is as long as the weights.
      ...(typeof form === 'number' && { linear: (grads) => grads }),
    },
  );
}
