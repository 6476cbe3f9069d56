import type { Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import type { Loss } from '../loss.ts';
import type { NearOptions } from './near.ts';
import { type Sharpness, sharpnessOf } from './sam-sharpness.ts';
import { type ClimbOptions, worstRises } from './worst-rise.ts';

/** The ball, and how its worst point is searched for. */
export type WorstCaseOptions<P extends Tree, Batch> = NearOptions<P, Batch> & ClimbOptions;

/**
 * Measures worst-case sharpness: max L(w + T∘z) - L(w) over ‖z‖ₚ ≤ ρ, by projected gradient ascent with adaptive steps.
 *
 * What is found is a lower bound of the maximum, never below 0 or below `samSharpness`, from whose ε̂ the first climb
 * starts; `restarts` more climbs start from random points, which p = 1 and p = ∞ want, whose maxima lie in corners. By
 * default each batch has its own worst point; the authors take 1,024 examples in batches of 128. With a `scale` it
 * climbs in z, where the ellipsoid of adaptive sharpness is a ball: the climb itself is then the same for rescaled
 * networks. A climb costs `iterations` gradients and a loss.
 *
 * @param loss - A mean over the examples of the batch; in what mode normalization layers are is its affair.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @param options - ρ and p, the leaves that move and their `scale`, which examples share a worst point, and how it is
 * searched for.
 * @returns The mean over batches, weighted by their examples, with the standard error of that mean as of a sample of
 * batches.
 * @throws When an option is unknown or out of range, the trees do not fit, or a loss is not finite.
 * @see Andriushchenko et al., A Modern Look at the Relationship between Sharpness and Generalization, ICML 2023; Croce &
 * Hein, ICML 2020, for the ascent.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { magnitudes, worstCaseSharpness } from '@steppe/sharpness';
 *
 * const w = tf.tensor1d([3, 4]);
 * const loss = (v: tf.Tensor, x: tf.Tensor) => tf.mul(tf.sum(tf.mul(v, [1, 2])), tf.mean(x)); // its gradient is (1, 2)
 * const batches = [tf.tensor1d([1, 1])];
 * const { value } = await worstCaseSharpness(loss, w, batches, { rho: 0.5, p: Infinity });
 * const adaptive = await worstCaseSharpness(loss, w, batches, { rho: 0.5, p: Infinity, scale: magnitudes(w) });
 * console.log(value.toFixed(2), adaptive.value.toFixed(2)); // => 1.50 5.50
 * ```
 */
export async function worstCaseSharpness<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: WorstCaseOptions<P, Batch>,
): Promise<Sharpness> {
  return sharpnessOf(await worstRises('worstCaseSharpness', loss, params, batches, options));
}
