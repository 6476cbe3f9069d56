import { checkNumber, nonNegative } from '@steppe/check';
import { map, map2, norm, normalized, pure, sum, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Scalar, Tensor } from '@tensorflow/tfjs-core';
import { oneIfFinite, signs } from './exact.ts';
import { dualExponent } from './norm-exponent.ts';

/** Refuses what is no radius; a tensor is not read. */
export function checkRadius(rho: unknown): void {
  if (!(rho instanceof Tensor)) checkNumber('rho', rho, nonNegative);
}

/**
 * Measures a gradient by the norm dual to the p-norm: ‖g‖_q = max ⟨ε, g⟩ over ‖ε‖ₚ ≤ 1, over all leaves jointly.
 *
 * To first order the loss rises by ρ·‖g‖_q within a p-ball of radius ρ.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { dualNorm } from '@steppe/transforms';
 *
 * console.log(dualNorm(tf.tensor1d([3, -4]), Infinity).arraySync()); // => 7
 * ```
 */
export function dualNorm(grads: Tree, p = 2): Scalar {
  return norm(grads, dualExponent(p));
}

/** One at the first coordinate, over all leaves in order, whose magnitude is the largest; zero elsewhere. */
function firstLargest<P extends Tree>(grads: P, largest: Tensor): P {
  let found: Tensor = tf.scalar(false, 'bool');
  return map(grads, (g) => {
    if (g.size === 0) return g;
    const index = tf.range(0, g.size, 1, 'int32');
    const candidates = tf.where(
      tf.greaterEqual(tf.reshape(tf.abs(g), [g.size]), largest),
      index,
      tf.fill([g.size], g.size, 'int32'),
    );
    const first = tf.min(candidates);
    const here = tf.logicalAnd(tf.equal(index, first), tf.logicalNot(found));
    found = tf.logicalOr(found, tf.less(first, g.size));
    return tf.reshape(tf.cast(here, 'float32'), g.shape);
  });
}

/** The step to the worst point of the p-ball and the dual norm ‖g‖_q, which comes from the same pass over the
 * gradient. */
export function ascent<P extends Tree>(
  grads: P,
  rho: number | Scalar,
  p: number,
): { readonly epsilon: P; readonly dualNorm: Scalar } {
  const q = dualExponent(p);
  if (q === 2) {
    const { tree, norm: length } = normalized(grads, rho);
    return { epsilon: tree, dualNorm: length };
  }
  const largest = norm(grads, Number.POSITIVE_INFINITY);
  const radius = tf.mul(rho, oneIfFinite(grads, largest));
  // Signs are those of the gradient itself: g / max|g| loses those of entries 38 orders below the largest.
  const signed = (magnitudes: P): P => map2(magnitudes, grads, (m, g) => tf.mul(tf.mul(signs(g), m), radius));
  if (q === 1) return { epsilon: map(grads, (g) => tf.mul(signs(g), radius)), dualNorm: norm(grads, 1) };
  if (q === Number.POSITIVE_INFINITY) return { epsilon: signed(firstLargest(grads, largest)), dualNorm: largest };

  const nonzero = tf.greater(largest, 0);
  const one = tf.onesLike(largest);
  const scale = tf.where(nonzero, largest, one);
  const absolute = map(grads, (g) => tf.abs(tf.div(g, scale))); // largest entry 1, or all zero
  // From 1 to the number of entries: neither overflows nor vanishes.
  const sumOfPowers = sum(map(absolute, (a) => tf.pow(a, q)));
  const length = tf.pow(tf.where(nonzero, sumOfPowers, one), 1 / p);
  const epsilon = signed(map(absolute, (a) => tf.div(tf.pow(a, q - 1), length)));
  return { epsilon, dualNorm: tf.mul(largest, tf.pow(sumOfPowers, 1 / q)) };
}

/**
 * Solves the inner problem of SAM to first order: the ε with ‖ε‖ₚ ≤ ρ that maximizes ⟨ε, g⟩,
 * ε̂ = ρ · sign(g) · |g|^(q-1) / (‖g‖_q^q)^(1/p) with 1/p + 1/q = 1.
 *
 * The norm is global, over all leaves jointly. p = 2 gives ρ·g/‖g‖₂, p = ∞ gives ρ·sign(g), and p = 1 puts all of ρ on
 * the first largest coordinate (any split over ties would be as good). A zero gradient gives a zero perturbation.
 * Computed from g / max|g|, so ‖ε̂‖ₚ = ρ and ε̂(c·g) = ε̂(g) hold for every float32 gradient, from 10⁻³⁸ to 10³⁸. A
 * gradient with a NaN or an infinity gives NaN throughout, for every p.
 *
 * @param grads - The gradient, any tree.
 * @param rho - The radius ρ ≥ 0, a number or a scalar tensor.
 * @param p - The norm, 1 ≤ p ≤ Infinity.
 * @throws When p is below 1.
 * @see Foret et al., ICLR 2021, equation (2).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { epsilonHat } from '@steppe/transforms';
 *
 * console.log([...epsilonHat(tf.tensor1d([3, -4]), 0.5).dataSync()].map((x) => x.toFixed(2))); // => [ '0.30', '-0.40' ]
 * console.log([...epsilonHat(tf.tensor1d([3, -4]), 0.5, Infinity).dataSync()]); // => [ 0.5, -0.5 ]
 * console.log([...epsilonHat(tf.tensor1d([3, -4]), 0.5, 1).dataSync()]); // => [ 0, -0.5 ]
 * ```
 */
export function epsilonHat<P extends Tree>(grads: P, rho: number | Scalar, p = 2): P {
  checkRadius(rho);
  return pure(() => ascent(grads, rho, p).epsilon);
}
