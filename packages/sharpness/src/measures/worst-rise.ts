import { aNumber, checkOptions, count, type Rule } from '@steppe/check';
import { foldIn, type Key, key as keyOf, uniform } from '@steppe/random';
import { dualNorm, epsilonHat } from '@steppe/transforms';
import { clone, fillLike, norm, pure, ratio, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Batches, passOver } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { aKey } from '../spectrum/estimate.ts';
import { type Around, around } from './around.ts';
import { climb } from './climb.ts';
import { normalLike } from './draws.ts';
import { type Checks, type NearOptions, nearOptions } from './near.ts';
import { eachObjective, type Objective } from './objective.ts';
import { resolutionOf } from './resolution.ts';
import { withTree } from './with-tree.ts';

/** How the worst point is searched for. */
export type ClimbOptions = {
  /** Steps of a climb. @defaultValue 20 */
  readonly iterations?: number | undefined;
  /** Further climbs, each from a random point of the ball; the first one starts from ε̂. @defaultValue 0 */
  readonly restarts?: number | undefined;
  /** What the random points are drawn by. @defaultValue key(0) */
  readonly key?: Key | undefined;
};

const wholes: Rule = ['a whole number of at least 0', (n) => Number.isSafeInteger(n) && n >= 0];

/** The checks of `ClimbOptions`. */
export const climbOptions: Checks<keyof ClimbOptions> = {
  iterations: aNumber(count),
  restarts: aNumber(wholes),
  key: aKey,
};

/** A random point with ‖z‖ₚ = ρ; uniform in the ball for p = ∞. */
function randomPoint<P extends Tree>(like: P, key: Key, turn: number, rho: number, p: number): P {
  return pure(() => {
    const own = foldIn(key, turn);
    if (p === Number.POSITIVE_INFINITY) return fillLike(like, (shape, i) => uniform(foldIn(own, i), shape, -rho, rho));
    const z = normalLike(like, key, turn);
    return scaled(z, ratio(tf.scalar(rho), norm(z, p)));
  });
}

/** What a search for the worst point found: L(w), the slope ‖T∘g‖_q there, the rise along ε̂, the largest rise, and what
 * float32 tells of both. */
type WorstRise = {
  readonly loss: number;
  readonly slope: number;
  readonly step: number;
  readonly rise: number;
  readonly resolution: number;
};

/**
 * Searches a ball ‖z‖ₚ ≤ ρ for the largest rise of the loss, L(w + T∘z) - L(w): at least 0, that of z = 0, and at
 * least that of ε̂, where the first climb starts; where the gradient is zero it starts from a random point.
 */
async function worstRise<P extends Tree>(
  objective: Objective<P>,
  params: P,
  near: Around<P>,
  { rho, p }: { readonly rho: number; readonly p: number },
  { iterations = 20, restarts = 0, key = keyOf(0) }: ClimbOptions,
): Promise<WorstRise> {
  const { value: loss, grads } = await objective.gradient(params);
  const found = await withTree(grads, async () =>
    pure(() => {
      const slope = near.slope(grads);
      return { first: epsilonHat(slope, rho, p), dual: dualNorm(slope, p) };
    }),
  );
  return withTree(found, async ({ first, dual }) => {
    const [slope] = (await dual.data()) as Float32Array;
    const step = await withTree(near.at(first), objective.loss);
    let highest = Math.max(loss, step);
    for (let turn = 0; turn <= restarts; turn++) {
      const start = turn === 0 && slope !== 0 ? clone(first) : randomPoint(near.moving(params), key, turn, rho, p);
      highest = Math.max(highest, await climb(objective, near, start, { rho, p, iterations }));
    }
    const resolution = resolutionOf(loss, highest);
    return { loss, slope: slope as number, step: step - loss, rise: highest - loss, resolution };
  });
}

/** Searches the ball around some weights for each batch, or one for all of them. */
export async function worstRises<P extends Tree, Batch extends Tree>(
  what: string,
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: NearOptions<P, Batch> & ClimbOptions,
): ReturnType<typeof eachObjective<P, Batch, WorstRise>> {
  checkOptions(what, options, { ...nearOptions, ...climbOptions });
  const { rho, p = 2, wanted, scale, share, iterations, restarts, key, ...passing } = options;
  nearOptions.rho('rho', rho);
  const near = around(what, params, { wanted, scale });
  return eachObjective(loss, passOver(what, batches, passing), { share, wanted }, (objective) =>
    worstRise(objective, params, near, { rho, p }, { iterations, restarts, key }),
  );
}
