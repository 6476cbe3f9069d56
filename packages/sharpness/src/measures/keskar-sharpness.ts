import { aNumber, checkFunction, checkOptions, positive } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { type Batches, type PassOptions, passOptions } from '../examples.ts';
import type { Loss } from '../loss.ts';
import type { Wanted } from '../operators/operator.ts';
import { magnitudes } from './magnitudes.ts';
import type { Sharpness } from './sam-sharpness.ts';
import { withTree } from './with-tree.ts';
import { worstCaseSharpness } from './worst-case-sharpness.ts';
import { type ClimbOptions, climbOptions } from './worst-rise.ts';

/** The box of Keskar's sharpness, and how its worst point is searched for. */
export type KeskarOptions<Batch> = PassOptions<Batch> &
  ClimbOptions & {
    /** ε, the size of the box. @defaultValue 0.001 */
    readonly epsilon?: number;
    /** Chooses the leaves that move. @defaultValue all */
    readonly wanted?: Wanted;
  };

/**
 * Measures sharpness as Keskar and others do: 100·max (L(w + z) - L(w)) / (1 + L(w)) over |zᵢ| ≤ ε(|wᵢ| + 1), one z for
 * all examples.
 *
 * Its box is neither the same for all weights nor in proportion to them, so the measure changes when a network is
 * rescaled. The maximum is searched for as by `worstCaseSharpness`, where the authors take L-BFGS-B, so it is a lower
 * bound too.
 *
 * @param loss - A mean over the examples of the batch.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @returns The measure in percent; its standard error is `null`, since all examples share one z.
 * @throws When an option is unknown or out of range, or a loss is not finite or the weight 1 + L(w) is not positive.
 * @see Keskar et al., On Large-Batch Training for Deep Learning, ICLR 2017, metric 2.1, with the whole space.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { keskarSharpness } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.add(tf.sum(tf.mul(w, tf.mean(x))), 1);
 * const { value } = await keskarSharpness(loss, tf.tensor1d([1, -1]), [tf.tensor1d([1, 1])], { epsilon: 0.01 });
 * console.log(value.toFixed(1)); // => 2.0
 * ```
 */
export async function keskarSharpness<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: KeskarOptions<Batch> = {},
): Promise<Sharpness> {
  checkOptions('keskarSharpness', options, {
    ...passOptions,
    ...climbOptions,
    epsilon: aNumber(positive),
    wanted: checkFunction,
  });
  const { epsilon = 1e-3, ...others } = options;
  const found = await withTree(magnitudes(params, 1), (scale) =>
    worstCaseSharpness(loss, params, batches, {
      ...others,
      rho: epsilon,
      p: Number.POSITIVE_INFINITY,
      scale,
      share: 'all',
    }),
  );
  if (!(found.loss > -1))
    throw new Error(`Keskar's sharpness divides by 1 + L(w), which must be above 0: the loss is ${found.loss}.`);
  const percent = (rise: number): number => (100 * rise) / (1 + found.loss);
  const value = percent(found.value);
  return { ...found, value, resolution: percent(found.resolution), values: [value] };
}
