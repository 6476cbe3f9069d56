import { checkNumber, positive, refusal } from '@steppe/check';
import { checkWorld } from './check-world.ts';
import type { World } from './world.ts';

/**
 * Gives the function that averages numbers over the ranks of a world, Σ nᵣ·xᵣ / Σ nᵣ: what `syncBatchNorm` of
 * `@steppe/models` needs.
 *
 * Sums are of float64, from left to right in the order of ranks, so all ranks get the same bits. In a world of one the
 * numbers come back as they are. Every rank calls it equally often.
 *
 * @throws When the world is none; when called with a weight that is not above 0, or with numbers that are no Float32Array.
 *
 * @example
 * ```ts
 * import { meanAcross, world } from '@steppe/distributed';
 *
 * const workers = world();
 * const mean = meanAcross(workers);
 * console.log(mean(new Float32Array([1, 2]), 8)); // => Float32Array(2) [ 1, 2 ]
 * workers.finalize();
 * ```
 */
export function meanAcross(
  world: Pick<World, 'size' | 'allReduce'>,
): (values: Float32Array, weight: number) => Float32Array {
  checkWorld(world, 'size', 'allReduce');
  return (values, weight) => {
    if (!(values instanceof Float32Array)) throw refusal('values', 'a Float32Array', values);
    checkNumber('weight', weight, positive);
    if (world.size === 1) return values.slice();
    const sums = new Float64Array(values.length + 1);
    for (const [i, value] of values.entries()) sums[i] = weight * value;
    sums[values.length] = weight;
    world.allReduce(sums);
    const total = sums[values.length] as number;
    return Float32Array.from(values, (_, i) => (sums[i] as number) / total);
  };
}
