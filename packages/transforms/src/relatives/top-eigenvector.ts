import type { Check } from '@steppe/check';
import { foldIn, key, normal } from '@steppe/random';
import { asScalar, dot, fillLike, map2, norm, type Tree, unit } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { HessianProduct } from '../contract.ts';
import { periodic } from './interval.ts';
import { checkSeed } from './random.ts';

/**
 * What is known of the top of the Hessian's spectrum: the phase decides what runs, so it is a plain number; `vector` is
 * the unit vector v, and `eigenvalue` is ⟨v, H·v⟩ where v was last multiplied, 0 before.
 */
export type TopEigenvector = { readonly phase: number; readonly vector: Tree; readonly eigenvalue: Scalar };

/** How often, and how long, the top eigenvector is searched for. */
export type EigenvectorOptions = {
  /** n, steps from refresh to refresh. @defaultValue 100 */
  readonly every?: number;
  /** k, power steps in a refresh; each costs a Hessian product. @defaultValue 5 */
  readonly steps?: number;
  /** Of the random vector that the first refresh starts from. @defaultValue 0 */
  readonly seed?: number;
};

/** The checks of these options, for `checkOptions`. */
export const eigenvectorOptions: Record<'every' | 'steps' | 'seed', Check> = {
  every: periodic,
  steps: periodic,
  seed: checkSeed,
};

/**
 * Gives the costs of a link that takes `own` gradients at every step beside the search, to be spread into it: own + 2k/n in
 * the mean, and own + 2k at every n-th step.
 *
 * @example
 * ```ts
 * import { eigenvectorCosts } from '@steppe/transforms/parts';
 *
 * const { gradientCost, costAt } = eigenvectorCosts(2, { every: 10, steps: 5 });
 * console.log(gradientCost, costAt(0), costAt(1)); // => 3 12 2
 * ```
 */
export const eigenvectorCosts = (
  own: number,
  { every = 100, steps = 5 }: EigenvectorOptions,
): { readonly gradientCost: number; readonly costAt: (step: number) => number } => ({
  gradientCost: own + (2 * steps) / every,
  costAt: (step) => own + (step % every === 0 ? 2 * steps : 0),
});

/**
 * Makes the state of a search that has not begun: a random unit vector, the same for the same seed on every backend.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { startEigenvector } from '@steppe/transforms/parts';
 * import { norm } from '@steppe/tree';
 *
 * const { vector } = startEigenvector({ kernel: tf.zeros([3, 2]), bias: tf.zeros([2]) }, { seed: 7 });
 * console.log(norm(vector).arraySync().toFixed(3)); // => 1.000
 * ```
 */
export const startEigenvector = (params: Tree, { seed = 0 }: EigenvectorOptions): TopEigenvector => ({
  phase: 0,
  vector: unit(fillLike(params, (shape, i) => normal(foldIn(key(seed), i), shape))),
  eigenvalue: tf.scalar(0),
});

/** H·v / ‖H·v‖, or v itself where H·v is zero, from where no power step would ever come back. */
function powerStep<P extends Tree>(v: P, product: P): P {
  const stuck = tf.equal(norm(product), 0);
  return map2(unit(product), v, (next, before) => tf.where(stuck, before, next));
}

/**
 * Turns v toward the eigenvector whose eigenvalue is the largest in magnitude: v ← H·v / ‖H·v‖, k times at every n-th
 * step, from where the last refresh ended, and nothing between them.
 *
 * A warm start needs few power steps, since the eigenvector turns slowly. Where H·v is zero v stays.
 *
 * @param hvp - The Hessian product, as `requireHvp` gives it.
 * @returns What to work with at this step, and the state for the next.
 * @see Golub & Van Loan, Matrix Computations, section 7.3: the power method.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { refreshEigenvector, startEigenvector } from '@steppe/transforms/parts';
 *
 * const hvp = (_w: tf.Tensor, _batch: null, v: tf.Tensor) => tf.mul(v, tf.tensor1d([1, -5])); // H = diag(1, -5)
 * const [w, options] = [tf.zeros([2]), { every: 100, steps: 20 }];
 * const { vector, eigenvalue } = refreshEigenvector(startEigenvector(w, options), hvp, w, null, options);
 * console.log([...vector.dataSync()].map((x) => Math.abs(x).toFixed(3)), eigenvalue.arraySync().toFixed(3)); // => [ '0.000', '1.000' ] -5.000
 * ```
 */
export function refreshEigenvector<P extends Tree, Batch extends Tree>(
  state: TopEigenvector,
  hvp: HessianProduct<P, Batch>,
  params: P,
  batch: Batch,
  { every = 100, steps = 5 }: EigenvectorOptions,
): { readonly vector: P; readonly eigenvalue: Scalar; readonly next: TopEigenvector } {
  let vector = state.vector as P;
  let { eigenvalue } = state;
  for (let i = 0; state.phase === 0 && i < steps; i++) {
    const product = hvp(params, batch, vector);
    eigenvalue = asScalar(dot(vector, product));
    vector = powerStep(vector, product);
  }
  return { vector, eigenvalue, next: { phase: (state.phase + 1) % every, vector, eigenvalue } };
}
