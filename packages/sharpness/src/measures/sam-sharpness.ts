import { checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { type Batches, passOver } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { around } from './around.ts';
import { type NearOptions, nearOptions } from './near.ts';
import { eachObjective, meanOver } from './objective.ts';
import type { Rise } from './resolution.ts';
import { type Rises, risesAlong } from './rise.ts';

/** A mean over parts of the examples, the parts, and what it cost. */
export type Sharpness = Rise & {
  /** The mean loss at the weights themselves, L(w). */
  readonly loss: number;
  /** The sharpness of each batch, in order; of all together where they share the perturbation. */
  readonly values: readonly number[];
  /** Gradients taken, in passes over the examples. */
  readonly gradients: number;
  /** Losses evaluated, in passes over the examples. */
  readonly losses: number;
};

/** Puts the parts together. */
export function sharpnessOf<Found extends { readonly loss: number } & Rises['rises'][number]>({
  parts,
  cost: { gradients, losses },
}: Awaited<ReturnType<typeof eachObjective<Tree, Tree, Found>>>): Sharpness {
  const { value: loss } = meanOver(parts, (found) => found.loss);
  const values = parts.map(({ found }) => found.rise);
  const { value: resolution } = meanOver(parts, (found) => found.resolution);
  return { ...meanOver(parts, ({ rise }) => rise), resolution, loss, values, gradients, losses };
}

/**
 * Measures the sharpness that SAM sees: how much its one step raises the loss, L(w + ε̂) - L(w), with
 * ε̂ = ρ·sign(g)|g|^(q-1) / (‖g‖_q^q)^(1/p).
 *
 * By default each batch has its own ε̂: batches of m examples give the m-sharpness. It costs one gradient and one loss.
 * A very small ρ measures rounding of float32, which `resolution` tells.
 *
 * @param loss - A mean over the examples of the batch; in what mode normalization layers are is its affair.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @param options - ρ and p, the leaves that move and their `scale`, and which examples share ε̂.
 * @returns The mean over batches, weighted by their examples, with the standard error of that mean as of a sample of
 * batches; `resolution`, below which it is rounding; `promised`, what the linear model says, ρ‖T∘g‖_q.
 * @throws When an option is unknown or out of range, the trees do not fit, or a loss is not finite.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, equations (1) and (2), and section 4.1 for m-sharpness.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { samSharpness } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.sum(tf.mul(tf.square(w), tf.mean(x)));
 * const { value, promised } = await samSharpness(loss, tf.tensor1d([3, 4]), [tf.tensor1d([1, 1])], { rho: 0.5 });
 * console.log(value.toFixed(2), promised.toFixed(2)); // => 5.25 5.00
 * ```
 */
export async function samSharpness<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: NearOptions<P, Batch>,
): Promise<Sharpness & { readonly promised: number }> {
  checkOptions('samSharpness', options, nearOptions);
  const { rho, p = 2, wanted, scale, share, ...passing } = options;
  nearOptions.rho('rho', rho);
  const near = around('samSharpness', params, { wanted, scale });
  const found = await eachObjective(
    loss,
    passOver('samSharpness', batches, passing),
    { share, wanted },
    async (objective) => {
      const { loss, slope, rises } = await risesAlong(objective, params, near, [rho], p);
      return { loss, slope, ...(rises[0] as Rises['rises'][number]) };
    },
  );
  const { value: slope } = meanOver(found.parts, (part) => part.slope);
  return { ...sharpnessOf(found), promised: rho * slope };
}
