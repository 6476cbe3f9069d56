import { belowOne, checkNumber } from '@steppe/check';
import { asScalar, leaves, map, map2, norm, normalized, size, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { perturbBy } from '../links/perturb-by.ts';
import { oneIfFinite } from '../sam/exact.ts';
import { checkRho } from '../sam/sam-transform.ts';

/** |g - mean(g)| / std(g) of one leaf; 0 where all of it is one number. */
function zScores(g: Tensor): Tensor {
  if (g.size === 0) return g;
  const largest = norm(g, Number.POSITIVE_INFINITY);
  const x = tf.div(g, tf.where(tf.greater(largest, 0), largest, 1)); // no square of it leaves float32
  const { mean, variance } = tf.moments(x);
  const varies = tf.greater(variance, 0);
  return tf.where(varies, tf.div(tf.abs(tf.sub(x, mean)), tf.sqrt(tf.where(varies, variance, 1))), tf.zerosLike(x));
}

/** Halvings of an interval: enough to tell neighboring float32 numbers apart, from the largest score to 2⁻¹⁶ of it. */
const HALVINGS = 40;

/** A number right below the least score that is kept: of n, over all leaves jointly, all but the ⌈Q·(n - 1)⌉ smallest
 * are. Found by counting, since the native backend sorts the 2.7 million weights of a WRN-16-4 in seconds. */
function threshold(scores: Tree, quantile: number): Tensor {
  const all = tf.concat1d(leaves(scores).map(({ leaf }) => tf.reshape(leaf, [leaf.size])));
  // Less a rounding error: 0.07·100 is a little more than 7.
  const kept = all.size - Math.ceil(quantile * (all.size - 1) - 1e-9);
  let [below, above]: [Tensor, Tensor] = [tf.scalar(-1), tf.max(all)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = tf.mul(tf.add(below, above), 0.5);
    // Signs of differences: WASM compares with a scalar four times as slowly. Whole numbers, which do not round.
    const higher = tf.sum(tf.cast(tf.step(tf.sub(all, middle)), 'int32'));
    const enough = tf.greaterEqual(higher, kept);
    [below, above] = [tf.where(enough, middle, below), tf.where(enough, above, middle)];
  }
  return below;
}

/** The entries of the highest z-scores, 0 elsewhere; the gradient itself where those are all 0. */
function filtered<P extends Tree>(grads: P, quantile: number): P {
  if (size(grads) === 0) return grads;
  const scores = map(grads, zScores);
  const below = threshold(scores, quantile);
  const kept = map2(grads, scores, (g, z) => tf.where(tf.greater(z, below), g, tf.zerosLike(g)));
  const nothing = tf.equal(norm(kept, Number.POSITIVE_INFINITY), 0);
  return map2(kept, grads, (k, g) => tf.where(nothing, g, k));
}

/**
 * Makes ZSharp, which perturbs along the entries of the gradient that stand out in their leaf: g ↦ ∇L(w + ρ·g̃/‖g̃‖₂),
 * g̃ = g where |z| is at or above the Q-quantile of all |z|, else 0, with z = (g - mean(g))/std(g) leaf by leaf.
 *
 * The quantile is over all leaves jointly; with one for each leaf the z-scores would choose what |g - mean(g)| does. Q =
 * 0 is `samTransform(rho)`. Where all that is chosen is 0, ε̂ is SAM's. A leaf of one number has z = 0. The paper adds
 * 10⁻⁸ to the standard deviation and drops what is equal to the quantile; without the one ε̂ is scale-free, and without
 * the other Q = 0 is SAM. The quantile is found on the device, by 40 counts over all weights.
 *
 * @param rho - ρ ≥ 0, or a schedule of it.
 * @param quantile - Q in [0, 1), the share of entries that stay where they are; the authors take 0.95.
 * @throws When rho is negative or not finite, or the quantile is outside of [0, 1).
 * @see Yun, Sharpness-Aware Minimization with Z-Score Gradient Filtering for Neural Networks, 2505.02369.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { zSharp } from '@steppe/transforms';
 *
 * const link = zSharp(1, 0.5);
 * const itself = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null });
 * const w = tf.tensor1d([1, 2, -6]); // mean -1: z is 0.56, 0.84 and -1.40
 * console.log([...link.update(itself, link.init(w), w, null)[0].grads.dataSync()].map((x) => x.toFixed(2))); // => [ '1.00', '2.32', '-6.95' ]
 * ```
 */
export function zSharp(rho: number | Schedule, quantile = 0.95): GradientTransformation<Count> {
  checkRho(rho);
  checkNumber('quantile', quantile, belowOne);
  return perturbBy(
    zeroCount,
    (grads, state) => {
      const radius = valueAt(rho, state);
      const length = asScalar(tf.mul(radius, oneIfFinite(grads)));
      return [normalized(filtered(grads, quantile), length).tree, increment(state), { rho: radius }];
    },
    call('zSharp', rho, quantile),
  );
}
