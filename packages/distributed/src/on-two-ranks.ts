import { checkFunction } from '@steppe/check';
import { checkDevice } from './check-device.ts';
import { checkWorld } from './check-world.ts';
import { pack, unpack } from './parcel.ts';
import type { World } from './world.ts';

/**
 * Gives the function by which `sampa` takes its two gradients at the same time, one on each of two ranks: a step takes
 * as long as one gradient and a message.
 *
 * Both ranks are given the same parameters and batches, the rank 0 evaluates the first and the rank 1 the second, and
 * each gets from the other all that it has evaluated: both go on with the bits that one process has. In a world of one
 * both are evaluated one after the other.
 *
 * @throws When the world has more than two ranks, or is none; at an update, on a device that gives values later only.
 * @see Xie, Pethick & Cevher, SAMPa: Sharpness-aware Minimization Parallelized, NeurIPS 2024.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { onTwoRanks, world } from '@steppe/distributed';
 * import { sampa, sgd } from '@steppe/transforms';
 *
 * const workers = world(); // mpirun -n 2
 * const optimizer = sampa(sgd(0.25), 0.5, { lambda: 0, both: onTwoRanks(workers) });
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.scalar(1);
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, null);
 * console.log(grads.arraySync()); // => -0.5
 * workers.finalize();
 * ```
 */
export function onTwoRanks(
  world: Pick<World, 'rank' | 'size' | 'allGather'>,
): <A, B>(first: () => A, second: () => B) => readonly [A, B] {
  checkWorld(world, 'rank', 'size', 'allGather');
  if (world.size > 2)
    throw new Error(
      `onTwoRanks takes a world of two ranks, for SAMPa's two gradients, got ${world.size}: mpirun -n 2.`,
    );
  return <A, B>(first: () => A, second: () => B): readonly [A, B] => {
    checkFunction('first', first);
    checkFunction('second', second);
    if (world.size === 1) return [first(), second()];
    checkDevice('onTwoRanks');
    const own = world.rank === 0 ? first() : second();
    const all = world.allGather(pack(own));
    const other = unpack(all[1 - world.rank] as Uint8Array);
    return (world.rank === 0 ? [own, other] : [other, own]) as [A, B];
  };
}
