import { aNumber, count, type Rule } from '@steppe/check';
import { foldIn, key, normal, uniform } from '@steppe/random';
import { dualNorm, epsilonHat } from '@steppe/transforms';
import { clone, dispose, fillLike, norm, pure, ratio, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Around } from './around.ts';
import { climb } from './climb.ts';
import type { Checks } from './near.ts';
import type { Objective } from './objective.ts';
import { withTree } from './with-tree.ts';

/** How the worst point is searched for. */
export type ClimbOptions = {
  /** Steps of a climb. @defaultValue 20 */
  readonly iterations?: number | undefined;
  /** Further climbs, each from a random point of the ball; the first one starts from ε̂. @defaultValue 0 */
  readonly restarts?: number | undefined;
  /** Where the random points come from. @defaultValue 0 */
  readonly seed?: number | undefined;
};

const wholes: Rule = ['a whole number of at least 0', (n) => Number.isSafeInteger(n) && n >= 0];

/** The checks of `ClimbOptions`. */
export const climbOptions: Checks<keyof ClimbOptions> = {
  iterations: aNumber(count),
  restarts: aNumber(wholes),
  seed: aNumber(wholes),
};

/** A random point with ‖z‖ₚ = ρ; uniform in the ball for p = ∞. */
function randomPoint<P extends Tree>(like: P, seed: number, turn: number, rho: number, p: number): P {
  return pure(() => {
    const keys = foldIn(key(seed), turn);
    if (p === Number.POSITIVE_INFINITY) return fillLike(like, (shape, i) => uniform(foldIn(keys, i), shape, -rho, rho));
    const z = fillLike(like, (shape, i) => normal(foldIn(keys, i), shape));
    return scaled(z, ratio(tf.scalar(rho), norm(z, p)));
  });
}

/** What a search for the worst point found: L(w), the slope ‖T∘g‖_q there, the rise along ε̂ and the largest rise. */
export type WorstRise = {
  readonly loss: number;
  readonly slope: number;
  readonly step: number;
  readonly rise: number;
};

/**
 * Searches the ball ‖z‖ₚ ≤ ρ for the largest rise of the loss, L(w + T∘z) - L(w): at least 0, that of z = 0, and at
 * least that of ε̂, where the first climb starts; where the gradient is zero it starts from a random point.
 */
export async function worstRise<P extends Tree>(
  objective: Objective<P>,
  params: P,
  near: Around<P>,
  { rho, p }: { readonly rho: number; readonly p: number },
  { iterations = 20, restarts = 0, seed = 0 }: ClimbOptions,
): Promise<WorstRise> {
  const { value: loss, grads } = await objective.gradient(params);
  const { first, dual } = pure(() => {
    const slope = near.slope(grads);
    return { first: epsilonHat(slope, rho, p), dual: dualNorm(slope, p) };
  });
  dispose(grads);
  return withTree({ first, dual }, async () => {
    const [slope] = (await dual.data()) as Float32Array;
    const step = await withTree(near.at(first), objective.loss);
    let highest = Math.max(loss, step);
    for (let turn = 0; turn <= restarts; turn++) {
      const start = turn === 0 && slope !== 0 ? clone(first) : randomPoint(near.moving(params), seed, turn, rho, p);
      highest = Math.max(highest, await climb(objective, near, start, { rho, p, iterations }));
    }
    return { loss, slope: slope as number, step: step - loss, rise: highest - loss };
  });
}
