import {
  aNumber,
  type Check,
  checkFunction,
  checkNumber,
  checkOptions,
  count,
  nonNegative,
  refusal,
} from '@steppe/check';
import { foldIn, key, normal } from '@steppe/random';
import { fillLike, map2, norm, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { around } from '../measures/around.ts';
import { type Figure, figureOver } from '../measures/figure.ts';
import { type Mean, meanOf } from '../measures/mean.ts';
import { withTree } from '../measures/with-tree.ts';
import { climbOptions } from '../measures/worst-rise.ts';
import type { QuantizeOptions } from './quantize.ts';

/** The noise on the weights. */
export type NoiseOptions<Batch> = PassOptions<Batch> &
  QuantizeOptions & {
    /** c, the size of the noise in proportion to the weights of its tensor. @defaultValue 0.01, 0.02, 0.05, 0.1, 0.2 */
    readonly levels?: readonly number[];
    /** Draws at each level; every level sees the same. @defaultValue 5 */
    readonly samples?: number;
    /** Where they come from. @defaultValue 0 */
    readonly seed?: number;
  };

const someLevels: Check = (name, value) => {
  if (!Array.isArray(value) || value.length === 0) throw refusal(name, 'a list of levels', value);
  for (const one of value) checkNumber(`Each of ${name}`, one, nonNegative);
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
): Promise<{
  readonly value: number;
  readonly points: readonly (Mean & { readonly level: number; readonly change: number })[];
  readonly losses: number;
}> {
  checkOptions('noiseCurve', options, {
    ...passOptions,
    wanted: checkFunction,
    levels: someLevels,
    samples: aNumber(count),
    seed: climbOptions.seed,
  });
  checkFunction('figure', figure);
  const { levels = [0.01, 0.02, 0.05, 0.1, 0.2], samples = 5, seed = 0, wanted, ...passing } = options;
  const pass = passOver('noiseCurve', batches, passing);
  const near = around('noiseCurve', params, { wanted });
  const noise = (level: number, sample: number): P =>
    pure(() => {
      const keys = foldIn(key(seed), sample);
      const moved = near.moving(params);
      const draws = fillLike(moved, (shape, i) => normal(foldIn(keys, i), shape));
      return map2(moved, draws, (w, z) => tf.mul(z, tf.mul(norm(w), level / Math.sqrt(Math.max(1, w.size)))));
    });
  const before = await figureOver(figure, pass, params);
  const points: (Mean & { level: number; change: number })[] = [];
  for (const level of levels) {
    const values: number[] = [];
    for (let sample = 0; sample < samples; sample++)
      values.push(
        await withTree(noise(level, sample), (z) => withTree(near.at(z), (w) => figureOver(figure, pass, w))),
      );
    const mean = meanOf(values);
    points.push({ level, ...mean, change: mean.value - before });
  }
  return { value: before, points, losses: 1 + levels.length * samples };
}
