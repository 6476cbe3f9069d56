import { dot, map, map2, norm, pure, scaled, type Tree, zerosLike } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { ascent, checkRadius } from './epsilon-hat.ts';
import { oneIfFinite } from './exact.ts';
import { dualExponent } from './norm-exponent.ts';

/** Coordinates below this share of the largest one are rounding: for q < 2 their derivative |g|^(q-2) would blow up. */
const NEGLIGIBLE = 2 ** -24;

/**
 * Multiplies the Jacobian of ε̂ by a vector: x ↦ (∂ε̂/∂g)·x, with
 * ∂ε̂/∂g = ρ(q-1)·N^(-1/p)·[diag(|g|^(q-2)) - v vᵀ/N], v = sign(g)|g|^(q-1), N = Σ|g|^q.
 *
 * The Jacobian is symmetric. For p = 2 this is (ρ/‖g‖)(x - ⟨ĝ, x⟩ĝ); for p = 1 and p = ∞ it is zero almost everywhere,
 * and so it is for a zero gradient. For p > 2 it is infinite at zero coordinates; those, and what is below 2⁻²⁴ of the
 * largest, count as unmoved. A gradient with a NaN or an infinity gives NaN throughout.
 *
 * @param grads - g, any tree.
 * @param x - A tree of the same structure.
 * @see Foret et al., ICLR 2021, section 2 (the display before equation 3) and appendix C.4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { epsilonHatDerivative } from '@steppe/transforms';
 *
 * // Along g itself ε̂ does not change: it depends on the direction alone.
 * const g = tf.tensor1d([3, 4]);
 * console.log([...epsilonHatDerivative(g, g, 0.5).dataSync()].map((x) => Math.abs(x) < 1e-6)); // => [ true, true ]
 * ```
 */
export function epsilonHatDerivative<P extends Tree>(grads: P, x: Tree, rho: number | Scalar, p = 2): P {
  const q = dualExponent(p);
  checkRadius(rho);
  return pure(() => {
    const largest = norm(grads, Number.POSITIVE_INFINITY);
    const known = oneIfFinite(grads, largest);
    if (q === 1 || q === Number.POSITIVE_INFINITY) return scaled(zerosLike(grads), known);
    const nonzero = tf.greater(largest, 0);
    const scale = tf.where(nonzero, largest, 1);
    const units = map(grads, (g) => tf.div(g, scale));
    const { epsilon, dualNorm } = ascent(units, 1, p); // of the units, whose norm does not overflow
    const length = tf.where(nonzero, dualNorm, 1);
    const factor = tf.where(nonzero, tf.div(tf.div(tf.mul(rho, q - 1), scale), length), 0);
    const along = dot(epsilon, x);
    const curved = map2(units, x, (u, xi) => {
      if (q === 2) return xi;
      const size = tf.abs(u);
      const bend = tf.mul(tf.pow(tf.div(tf.maximum(size, q > 2 ? 0 : NEGLIGIBLE), length), q - 2), xi);
      return q > 2 ? bend : tf.where(tf.greater(size, NEGLIGIBLE), bend, tf.zerosLike(xi));
    });
    return map2(curved, epsilon, (c, e) => tf.mul(tf.mul(factor, known), tf.sub(c, tf.mul(e, along))));
  });
}
