import { aNumber, checkFunction, checkOptions, count, nonNegative } from '@steppe/check';
import { type Key, key as keyOf } from '@steppe/random';
import { map2, norm, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { listOf } from '../list-of.ts';
import { around } from '../measures/around.ts';
import { normalLike } from '../measures/draws.ts';
import type { Figure } from '../measures/figure.ts';
import { aKey } from '../spectrum/estimate.ts';
import { type FigureCurve, figureCurve } from './figure-curve.ts';
import type { QuantizeOptions } from './quantize.ts';

/** The noise on the weights. */
export type NoiseOptions<Batch> = PassOptions<Batch> &
  QuantizeOptions & {
    /** c, the size of the noise in proportion to the weights of its tensor. @defaultValue 0.01, 0.02, 0.05, 0.1, 0.2 */
    readonly levels?: readonly number[];
    /** Draws at each level; every level sees the same. @defaultValue 5 */
    readonly samples?: number;
    /** What they are drawn by. @defaultValue key(0) */
    readonly key?: Key;
  };

/**
 * Measures what noise on the weights costs: a figure under w + N(0, (c·‖W‖/√d)²), where each tensor W of d weights has
 * noise in proportion to its own root mean square.
 *
 * So it does not change when whole tensors are rescaled along with what undoes it. It costs `samples` passes for each
 * level and one more.
 *
 * @param figure - A mean over the examples of a batch, such as the accuracy.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @returns The figure as it is, `value`, and for each level the mean over draws, its standard error and its `change`.
 * @throws When an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { noiseCurve } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor1D, x: tf.Tensor1D) => tf.mul(tf.sum(tf.square(w)), tf.mean(x));
 * const { value, points } = await noiseCurve(loss, tf.tensor1d([1, -1]), [tf.ones<tf.Rank.R1>([3])], { levels: [0, 0.5] });
 * console.log(value, points[0]?.change, (points[1]?.standardError ?? 0) > 0); // => 2 0 true
 * ```
 */
export async function noiseCurve<P extends Tree, Batch extends Tree>(
  figure: Figure<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: NoiseOptions<Batch> = {},
): Promise<FigureCurve> {
  checkOptions('noiseCurve', options, {
    ...passOptions,
    wanted: checkFunction,
    levels: listOf('levels', nonNegative),
    samples: aNumber(count),
    key: aKey,
  });
  checkFunction('figure', figure);
  const { levels = [0.01, 0.02, 0.05, 0.1, 0.2], samples = 5, key = keyOf(0), wanted, ...passing } = options;
  const pass = passOver('noiseCurve', batches, passing);
  const near = around('noiseCurve', params, { wanted });
  const noisy = (level: number, draw: number): P =>
    pure(() => {
      const still = near.moving(params);
      const noise = map2(still, normalLike(still, key, draw), (w, z) =>
        tf.mul(z, tf.mul(norm(w), level / Math.sqrt(Math.max(1, w.size)))),
      );
      return near.at(noise);
    });
  return figureCurve(figure, pass, params, { levels, draws: samples }, noisy);
}
