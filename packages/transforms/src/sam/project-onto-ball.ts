import { asScalar, map, map2, norm, normalized, pure, sum, type Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkRadius, dualNorm } from './epsilon-hat.ts';
import { oneIfFinite, signs } from './exact.ts';
import { checkNorm } from './norm-exponent.ts';

/** The multiplier is at most ‖a‖_q, since λ = ⟨a - y, y⟩ and ‖y‖ₚ = 1, and below 2⁻⁴⁸ of that the step is rounding. */
const OCTAVES = 48;
/** Leaves log₂ λ to the last bit of float32. */
const HALVINGS = 27;
/** From a first guess within a factor of two of the root: the last bit of float32 for p from 1.05 to 50. */
const NEWTON_STEPS = 6;

/** Above it ‖·‖ₚ is the largest entry to the last digits of float32, and powers of p are none. */
const AS_LARGEST = 2 ** 26;

/** Solves t^r + λ·t = a for t ≥ 0, elementwise, r ≥ 1: convex in t, so Newton's iteration from above falls to the
 * root. */
function root(a: Tensor, lambda: Scalar, r: number): Tensor {
  let t = tf.minimum(tf.div(a, lambda), tf.pow(a, 1 / r));
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const excess = tf.sub(tf.add(tf.pow(t, r), tf.mul(lambda, t)), a);
    const slope = tf.add(tf.mul(tf.pow(t, r - 1), r), lambda);
    t = tf.relu(tf.sub(t, tf.div(excess, slope)));
  }
  return t;
}

/** The y ≥ 0 that minimizes ½(y - a)² + λ·yᵖ/p, where y + λ·y^(p-1) = a. */
function shrink(a: Tensor, lambda: Scalar, p: number): Tensor {
  if (p === 1) return tf.relu(tf.sub(a, lambda));
  if (p >= 2) return root(tf.div(a, lambda), asScalar(tf.div(1, lambda)), p - 1);
  // Solved for y^(p-1), since its slope at 0 is infinite in y.
  return tf.pow(root(a, lambda, 1 / (p - 1)), 1 / (p - 1));
}

/** The projection of a point outside of the ball: bisection on the multiplier λ = 2^s of the constraint, for x scaled
 * to ρ = 1. */
function byMultiplier<P extends Tree>(x: P, rho: number | Scalar, p: number): P {
  const positive = tf.where(tf.greater(rho, 0), rho, 1);
  const magnitudes = map(x, (leaf) => tf.div(tf.abs(leaf), positive));
  const shrunk = (exponent: Scalar): P => map(magnitudes, (a) => shrink(a, tf.pow(2, exponent), p));
  let high = tf.div<Scalar>(tf.log(dualNorm(magnitudes, p)), Math.LN2);
  let low = tf.sub<Scalar>(high, OCTAVES);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = tf.div<Scalar>(tf.add(low, high), 2);
    const tooLong = tf.greater(
      tf.tidy(() => sum(map(shrunk(middle), (y) => tf.pow(y, p)))),
      1,
    );
    low = asScalar(tf.where(tooLong, middle, low));
    high = asScalar(tf.where(tooLong, high, middle));
  }
  const nearest = shrunk(high);
  const length = norm(nearest, p);
  return map2(x, nearest, (leaf, y) => tf.mul(tf.mul(signs(leaf), tf.div(y, length)), rho));
}

/**
 * Gives the point of a p-ball that is nearest to a given one: argmin ‖y - x‖₂ over ‖y‖ₚ ≤ ρ, over all leaves jointly.
 *
 * p = 2 shortens, p = ∞ clips, p = 1 is the soft threshold; for other p the multiplier of the constraint is found by
 * bisection, on the device. A point inside of the ball comes back as it is, one with a NaN or an infinity as NaN
 * throughout.
 *
 * @param rho - The radius ρ ≥ 0.
 * @throws When p is below 1.
 * @see Duchi et al., ICML 2008, for p = 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { projectOntoBall } from '@steppe/transforms';
 *
 * const x = tf.tensor1d([3, -4]);
 * console.log([1, 2, Infinity].map((p) => [...projectOntoBall(x, 1, p).dataSync()].map((y) => y.toFixed(1)).join())); // => [ '0.0,-1.0', '0.6,-0.8', '1.0,-1.0' ]
 * ```
 */
export function projectOntoBall<P extends Tree>(x: P, rho: number | Scalar, p = 2): P {
  checkNorm(p);
  checkRadius(rho);
  return pure(() => {
    const known = oneIfFinite(x);
    if (p > AS_LARGEST) return map(x, (leaf) => tf.mul(tf.maximum(tf.minimum(leaf, rho), tf.neg(rho)), known));
    const length = norm(x, p);
    const nearest = p === 2 ? normalized(x, rho).tree : byMultiplier(x, rho, p);
    const outside = tf.greater(length, rho);
    return map2(x, nearest, (leaf, y) => tf.mul(tf.where(outside, y, leaf), known));
  });
}
