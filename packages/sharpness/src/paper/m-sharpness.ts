import { checkOptions, count } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import { listOf } from '../list-of.ts';
import type { Loss } from '../loss.ts';
import { type NearOptions, nearOptions } from '../measures/near.ts';
import { samSharpness } from '../measures/sam-sharpness.ts';
import { shards } from './shards.ts';

/** The sizes of shards, and the ball. */
export type MSharpnessOptions<P extends Tree, Batch> = Omit<NearOptions<P, Batch>, 'share'> & {
  /** The numbers m of examples that share a perturbation, such as the paper's 1, 4, 16, 64 and 256; for an m above the
   * size of the batches it is theirs. */
  readonly sizes: readonly number[];
};

const someSizes = listOf('numbers of examples', count);

/** The m-sharpness for one m. */
export type MSharpnessPoint = {
  readonly m: number;
  readonly value: number;
  /** As of a sample of shards; `null` for one shard. */
  readonly standardError: number | null;
  /** A value that is no further from 0 is rounding of float32. */
  readonly resolution: number;
};

/**
 * Measures m-sharpness for several m: the mean over shards of m examples of L_S(w + ε̂_S) - L_S(w), each shard with its own
 * ε̂.
 *
 * The paper finds that it is the more related to the generalization gap, the smaller m is. It rises as m falls, since
 * every shard is met at its own worst point. Each m costs a gradient and a loss in passes over the examples, but 1/m as
 * many calls as a batch of one: m = 1 is slow.
 *
 * @param loss - A mean over the examples of the batch; normalization layers in training mode would see m examples only.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`; a shard lies in one batch.
 * @throws When an option is unknown or out of range, the trees do not fit, or a loss is not finite.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, sections 3.1 and 4.1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { mSharpness } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mean(tf.mul(w, x));
 * const { points } = await mSharpness(loss, tf.tensor1d([0]), [tf.tensor1d([1, -1, 2, 2])], { sizes: [1, 2, 4], rho: 0.5 });
 * console.log(points.map(({ m, value }) => `${m}: ${value}`)); // => [ '1: 0.75', '2: 0.5', '4: 0.5' ]
 * ```
 */
export async function mSharpness<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: MSharpnessOptions<P, Batch>,
): Promise<{ readonly points: readonly MSharpnessPoint[]; readonly gradients: number; readonly losses: number }> {
  const { share: _, ...checks } = nearOptions;
  checkOptions('mSharpness', options, { ...checks, sizes: someSizes });
  const { sizes, ...near } = options;
  someSizes('sizes', sizes);
  const points: MSharpnessPoint[] = [];
  let [gradients, losses] = [0, 0];
  for (const m of sizes) {
    const found = await samSharpness(loss, params, shards(batches, m), near);
    const { value, standardError, resolution } = found;
    points.push({ m, value, standardError, resolution });
    gradients += found.gradients;
    losses += found.losses;
  }
  return { points, gradients, losses };
}
