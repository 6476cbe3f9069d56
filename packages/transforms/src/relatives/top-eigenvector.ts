import type { Check } from '@steppe/check';
import { foldIn, key, normal } from '@steppe/random';
import { asScalar, dot, fillLike, map2, norm, type Tree, unit } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, HessianProduct } from '../contract.ts';
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

/** The checks of these options. */
export const eigenvectorOptions: Record<'every' | 'steps' | 'seed', Check> = {
  every: periodic,
  steps: periodic,
  seed: checkSeed,
};

/** The costs of a link that takes `own` gradients beside the search. */
export const costsOfSearch = (
  own: number,
  { every = 100, steps = 5 }: EigenvectorOptions,
): Required<Pick<GradientTransformation<Tree>, 'gradientCost' | 'costAt'>> => ({
  gradientCost: own + (2 * steps) / every,
  costAt: (step) => own + (step % every === 0 ? 2 * steps : 0),
});

/** A random unit vector, the same for the same seed on every backend. */
export const noEigenvector = (params: Tree, { seed = 0 }: EigenvectorOptions): TopEigenvector => ({
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
 * @returns The state to work with at this step, and the one for the next.
 */
export function searched<P extends Tree, Batch extends Tree>(
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
