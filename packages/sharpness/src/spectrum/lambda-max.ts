import { checkRecord, refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { SymmetricOperator } from '../operators/operator.ts';
import { type EigenvalueOptions, type TopEigenvalues, topEigenvalues } from './top-eigenvalues.ts';

/**
 * Finds the largest eigenvalue of an operator, λ_max, which for the Hessian is the curvature along the sharpest
 * direction: the worst case of sharpness in a small ball of radius ρ at a minimum is ½ρ²λ_max.
 *
 * @returns What `topEigenvalues` does for `count: 1`, with `value` and its `bound`; `vector(0)` is the direction.
 * @throws When `topEigenvalues` would.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lambdaMax, operatorOf } from '@steppe/sharpness';
 *
 * const A = operatorOf(tf.zeros<tf.Rank.R1>([3]), (v) => tf.mul(v, tf.tensor1d([1, -5, 2])));
 * const { value, bound } = await lambdaMax(A);
 * console.log(value.toFixed(3), bound < 1e-3); // => 2.000 true
 * ```
 */
export async function lambdaMax<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: Omit<EigenvalueOptions<P>, 'count' | 'which'> = {},
): Promise<TopEigenvalues<P> & { readonly value: number; readonly bound: number }> {
  const top = await topEigenvalues(operator, { ...options, count: 1, which: 'largest' });
  return { ...top, value: top.values[0] as number, bound: top.bounds[0] as number };
}

/**
 * Divides the largest eigenvalue by the k-th, λ_max/λ_k: how far the sharpest direction sticks out, and unlike λ_max
 * the same for every scale of the loss.
 *
 * @param top - What `topEigenvalues` found, of at least k.
 * @returns The ratio, and how far it may be off by the bounds of both; infinite where λ_k could be 0.
 * @throws When there are fewer than k eigenvalues.
 * @see Jastrzebski et al., The break-even point on optimization trajectories of deep neural networks, ICLR 2020; Foret
 * et al., figure 3.
 *
 * @example
 * ```ts
 * import { eigenvalueRatio } from '@steppe/sharpness';
 *
 * console.log(eigenvalueRatio({ values: [8, 6, 4, 3, 2], bounds: [0, 0, 0, 0, 0] })); // => { value: 4, bound: 0 }
 * ```
 */
export function eigenvalueRatio(
  top: Pick<TopEigenvalues<Tree>, 'values' | 'bounds'>,
  k = 5,
): { readonly value: number; readonly bound: number } {
  checkRecord('top', top);
  const { values, bounds } = top;
  for (const [name, list] of [
    ['values', values],
    ['bounds', bounds],
  ] as const)
    if (!Array.isArray(list)) throw refusal(name, 'a list of numbers, as topEigenvalues gives it', list);
  const [first, last] = [values[0], values[k - 1]];
  if (first === undefined || last === undefined)
    throw refusal('k', `a whole number from 1 to the count of eigenvalues, ${values.length}`, k);
  const [above, beside] = [bounds[0] as number, bounds[k - 1] as number];
  const value = first / last;
  const room = Math.abs(last) - beside;
  return { value, bound: room > 0 ? (above + Math.abs(value) * beside) / room : Number.POSITIVE_INFINITY };
}
