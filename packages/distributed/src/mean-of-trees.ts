import { checkNumber, positive } from '@steppe/check';
import { clone, type Tree } from '@steppe/tree';
import { checkDevice } from './check-device.ts';
import { checkWorld } from './check-world.ts';
import { exchangeOf, meanOverRanks } from './exchange.ts';
import type { World } from './world.ts';

/**
 * Gives the function that averages trees over the ranks of a world, Σ nᵣ·xᵣ / Σ nᵣ leaf by leaf: for the statistics of
 * batch norm that every rank has taken of examples of its own.
 *
 * Floats are averaged as `allReduceMean` does, and integers that agree stay; all ranks get the same bits, those of one
 * process with as many slices. In a world of one it is a copy of the tree. Every rank calls it equally often.
 *
 * @throws When the world is none; when called with a weight that is not above 0, with booleans, with trees of other
 * shapes than on other ranks, or on a device that gives values later only.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { meanOfTrees, world } from '@steppe/distributed';
 *
 * const workers = world();
 * const mean = meanOfTrees(workers);
 * const state = mean({ mean: tf.tensor1d([1, 2]) }, 8); // of 8 examples
 * console.log(state.mean.arraySync()); // => [ 1, 2 ]
 * workers.finalize();
 * ```
 */
export function meanOfTrees(world: World): <T extends Tree>(tree: T, weight: number) => T {
  checkWorld(world, 'rank', 'size', 'allGather', 'allReduce');
  const exchange = exchangeOf(world, 'meanOfTrees', () => {});
  return (tree, weight) => {
    checkNumber('weight', weight, positive);
    if (world.size === 1) return clone(tree);
    checkDevice('meanOfTrees');
    return meanOverRanks(exchange, tree, { batch: null, examples: weight, weight: undefined, aux: undefined });
  };
}
