import { checkNumber, nonNegative, type Rule } from '@steppe/check';
import { checkNorm } from './norm-exponent.ts';

/** More than an int32 counts: they are only counted here. */
const weights: Rule = ['a positive whole number of weights', (n) => Number.isInteger(n) && n >= 1];

/**
 * Turns a radius for p = 2 into the radius that means about the same for another p: ρₚ = ρ₂·n^(1/p - 1/2).
 *
 * A radius has another size for each p: with p = ∞ every one of n weights moves by ρ, so ρ = 0.05 moves a network of a
 * million weights as far as ρ = 50 does with p = 2. At ρₚ the loss rises as much to first order, ρₚ·‖g‖_q = ρ₂·‖g‖₂,
 * for a gradient that is spread evenly over its n entries, and for p > 1 the step ε̂ is then the same one. Gradients of
 * networks are less even, so ρₚ is where to start a search. p = ∞ gives ρ₂/√n, and p = 1 gives ρ₂·√n.
 *
 * @param rho - ρ₂ ≥ 0, the radius for p = 2.
 * @param p - The norm that the radius is wanted for, 1 ≤ p ≤ Infinity.
 * @param n - How many weights move: `size(params)` of `@steppe/tree`.
 * @throws When rho is negative or not finite, p is below 1, or n is not a positive whole number.
 *
 * @example
 * ```ts
 * import { comparableRadius } from '@steppe/transforms';
 *
 * const weights = 77850; // WRN-10-1
 * console.log([1, 2, 4, Infinity].map((p) => comparableRadius(0.05, p, weights).toPrecision(2))); // => [ '14', '0.050', '0.0030', '0.00018' ]
 * ```
 */
export function comparableRadius(rho: number, p: number, n: number): number {
  checkNorm(p);
  checkNumber('rho', rho, nonNegative);
  checkNumber('n', n, weights);
  return rho * n ** (1 / p - 1 / 2);
}

/**
 * Gives the Euclidean length of the longest perturbation in a p-ball: max ‖ε‖₂ over ‖ε‖ₚ ≤ ρ, which is ρ·n^(1/2 - 1/p)
 * for p ≥ 2 and ρ below.
 *
 * For p = 2 and p = ∞ it is the length of ε̂ itself wherever no entry of the gradient is zero. Where it is more than
 * ‖w‖₂, SAM leaves the network behind: the gradient is taken at a point that has little to do with w.
 *
 * @param rho - The radius ρ ≥ 0.
 * @param p - The norm of the neighborhood, 1 ≤ p ≤ Infinity.
 * @param n - How many weights move: `size(params)` of `@steppe/tree`.
 * @throws When rho is negative or not finite, p is below 1, or n is not a positive whole number.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { norm, size } from '@steppe/tree';
 * import { longestPerturbation } from '@steppe/transforms';
 *
 * const params = { kernel: tf.fill([100, 100], 0.05), bias: tf.zeros([100]) };
 * const ratio = longestPerturbation(0.1, Infinity, size(params)) / norm(params).arraySync();
 * console.log(ratio.toFixed(2)); // => 2.01
 * ```
 */
export function longestPerturbation(rho: number, p: number, n: number): number {
  checkNorm(p);
  checkNumber('rho', rho, nonNegative);
  checkNumber('n', n, weights);
  return p <= 2 ? rho : rho * n ** (1 / 2 - 1 / p);
}
