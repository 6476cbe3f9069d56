import { aNumber, checkFunction, checkOptions, count, nonNegative } from '@steppe/check';
import { type Key, key as keyOf } from '@steppe/random';
import { pure, scaled, type Tree } from '@steppe/tree';
import { type Batches, type PassOptions, passOver } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { aKey } from '../spectrum/estimate.ts';
import { around, type MovingOptions } from './around.ts';
import { normalLike, overDraws } from './draws.ts';
import { meanOf } from './mean.ts';
import { movingOptions } from './near.ts';
import { eachObjective } from './objective.ts';
import { resolutionOf } from './resolution.ts';
import type { Sharpness } from './sam-sharpness.ts';

/** The noise of average-case sharpness. */
export type AverageOptions<P extends Tree, Batch> = PassOptions<Batch> &
  MovingOptions<P> & {
    /** The standard deviation ρ ≥ 0 of the noise. */
    readonly rho: number;
    /** How often it is drawn; each draw is taken both ways, z and -z. @defaultValue 10 */
    readonly samples?: number;
    /** What it is drawn by. @defaultValue key(0) */
    readonly key?: Key;
  };

/**
 * Measures average-case sharpness: E L(w + T∘z) - L(w) for noise z ~ N(0, ρ²·I), which tends to ½ρ²·Σ Tᵢ²Hᵢᵢ as ρ → 0.
 *
 * Each draw z is taken with -z: the first order of their mean is zero, which would be nearly all of the error away from a
 * minimum. All examples see every draw. Its length is about ρ·√d for d weights, so ρ means something else than for a
 * ball. It costs 2·`samples` + 1 losses.
 *
 * @param loss - A mean over the examples of the batch; in what mode normalization layers are is its affair.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @returns The mean over draws, its standard error (`null` for one draw), and as `values` the rise of each draw, the mean
 * of both ways.
 * @throws When an option is unknown or out of range, the trees do not fit, or a loss is not finite.
 * @see Andriushchenko et al., A Modern Look at the Relationship between Sharpness and Generalization, ICML 2023.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { averageSharpness } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mul(tf.sum(tf.square(w)), tf.mean(x)); // ½ρ²·tr H = 0.02
 * const found = await averageSharpness(loss, tf.zeros([2]), [tf.tensor1d([1])], { rho: 0.1, samples: 200 });
 * console.log(Math.abs(found.value - 0.02) < 4 * (found.standardError ?? 0)); // => true
 * ```
 */
export async function averageSharpness<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: AverageOptions<P, Batch>,
): Promise<Sharpness> {
  checkOptions('averageSharpness', options, {
    ...movingOptions,
    rho: aNumber(nonNegative),
    samples: aNumber(count),
    key: aKey,
  });
  checkFunction('loss', loss);
  const { rho, samples = 10, key = keyOf(0), wanted, scale, ...passing } = options;
  aNumber(nonNegative)('rho', rho);
  const near = around('averageSharpness', params, { wanted, scale });
  const moved = (sample: number): P =>
    pure(() => near.at(scaled(normalLike(near.moving(params), key, sample >> 1), sample % 2 === 0 ? rho : -rho)));
  const { parts, cost } = await eachObjective(
    loss,
    passOver('averageSharpness', batches, passing),
    { share: 'all', wanted },
    async (objective) => {
      const before = await objective.loss(params);
      const after = await overDraws(2 * samples, moved, objective.loss);
      const values = Array.from({ length: samples }, (_, i) => {
        const [there, back] = after.slice(2 * i, 2 * i + 2) as [number, number];
        return (there - before + (back - before)) / 2;
      });
      return { loss: before, values, resolution: resolutionOf(before, ...after) };
    },
  );
  const [{ found }] = parts as readonly [(typeof parts)[number]];
  return { ...meanOf(found.values), ...found, gradients: cost.gradients, losses: cost.losses };
}
