import type { Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import type { Loss } from '../loss.ts';
import type { Mean } from '../measures/mean.ts';
import { meanOver } from '../measures/objective.ts';
import type { Rise } from '../measures/resolution.ts';
import type { WorstCaseOptions } from '../measures/worst-case-sharpness.ts';
import { worstRises } from '../measures/worst-rise.ts';

/** How much of the inner maximum SAM's one step reaches. */
export type InnerMaximum = {
  /** L(w + ε̂) - L(w), what the step reaches. */
  readonly step: Rise;
  /** The largest rise that was found in the ball: a lower bound of the maximum. */
  readonly maximum: Rise;
  /** ρ‖T∘g‖_q, what the linear model says of both. */
  readonly promised: Mean;
  /** step / maximum, of the means: 1 where the step is as good as a search. */
  readonly reached: number;
  /** L(w). */
  readonly loss: number;
  readonly gradients: number;
  readonly losses: number;
};

/**
 * Compares SAM's one step with the problem that it stands for: L(w + ε̂) - L(w) against the largest rise that a search
 * finds in the ball, and against the ρ‖g‖_q of the linear model.
 *
 * The search is that of `worstCaseSharpness`, with its cost. Over several ρ it shows where the one step no longer solves
 * the inner problem of SAM.
 *
 * @param loss - A mean over the examples of the batch; in what mode normalization layers are is its affair.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @param options - As for `worstCaseSharpness`.
 * @returns Means over batches, with standard errors as of a sample of batches.
 * @throws When an option is unknown or out of range, the trees do not fit, or a loss is not finite.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, equation (2) and table 11.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { innerMaximum } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mul(tf.sum(tf.mul(tf.square(w), [0, 4])), tf.mean(x));
 * const w = tf.tensor1d([1, 0.1]);
 * const { reached } = await innerMaximum(loss, w, [tf.tensor1d([1, 1])], { rho: 0.5 });
 * console.log(reached.toFixed(2)); // => 1.00
 * ```
 */
export async function innerMaximum<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: WorstCaseOptions<P, Batch>,
): Promise<InnerMaximum> {
  const { parts, cost } = await worstRises('innerMaximum', loss, params, batches, options);
  const { value: resolution } = meanOver(parts, (found) => found.resolution);
  const step = { ...meanOver(parts, (found) => found.step), resolution };
  const maximum = { ...meanOver(parts, (found) => found.rise), resolution };
  return {
    step,
    maximum,
    promised: meanOver(parts, ({ slope }) => options.rho * slope),
    reached: maximum.value === 0 ? 1 : step.value / maximum.value,
    loss: meanOver(parts, (found) => found.loss).value,
    gradients: cost.gradients,
    losses: cost.losses,
  };
}
