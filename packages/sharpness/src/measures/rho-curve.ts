import { checkOptions, nonNegative } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { type Batches, passOver } from '../examples.ts';
import { listOf } from '../list-of.ts';
import type { Loss } from '../loss.ts';
import { around } from './around.ts';
import { type NearOptions, nearOptions } from './near.ts';
import { eachObjective, meanOver } from './objective.ts';
import { risesAlong } from './rise.ts';

/** The radii that the paper searches. */
const PAPER_RHOS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** The radii of a curve, and the ball. */
export type RhoCurveOptions<P extends Tree, Batch> = Omit<NearOptions<P, Batch>, 'rho'> & {
  /** The radii. @defaultValue those of the paper's search, 0.01 … 0.5 */
  readonly rhos?: readonly number[];
};

/** SAM's sharpness at one radius. */
export type RhoPoint = {
  readonly rho: number;
  /** L(w + ε̂) - L(w), the mean over batches. */
  readonly rise: number;
  /** Its standard error as of a sample of batches; `null` for one batch. */
  readonly standardError: number | null;
  /** 2⁻²⁰ of the loss: a rise that is no larger is rounding, and its ratio says nothing. */
  readonly resolution: number;
  /** What the linear model says, ρ‖T∘g‖_q. */
  readonly promised: number;
  /** rise / promised: 1 where the loss is linear, larger where it curves upward; 0 where nothing is promised. */
  readonly linearizationRatio: number;
};

/** How SAM's sharpness depends on the radius. */
export type RhoCurve = {
  readonly points: readonly RhoPoint[];
  /** L(w). */
  readonly loss: number;
  /** The radii are those of this norm. */
  readonly p: number;
  readonly gradients: number;
  readonly losses: number;
};

/**
 * Measures SAM's sharpness for several radii: L(w + ε̂(ρ)) - L(w), and how far it is from the ρ‖g‖_q of the linear model.
 *
 * The direction of ε̂ does not depend on ρ, so the curve costs one gradient and a loss for each radius. `adviseRho` says
 * where the linear model breaks.
 *
 * @param loss - A mean over the examples of the batch; in what mode normalization layers are is its affair.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @returns A point for each radius, in the order given.
 * @throws When an option is unknown or out of range, the trees do not fit, or a loss is not finite.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, section 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { rhoCurve } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mul(tf.sum(tf.square(w)), tf.mean(x));
 * const { points } = await rhoCurve(loss, tf.tensor1d([3, 4]), [tf.tensor1d([1, 1])], { rhos: [0.5, 5] });
 * console.log(points.map(({ linearizationRatio }) => linearizationRatio.toFixed(2))); // => [ '1.05', '1.50' ]
 * ```
 */
export async function rhoCurve<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: RhoCurveOptions<P, Batch> = {},
): Promise<RhoCurve> {
  const { rho: _, ...checks } = nearOptions;
  checkOptions('rhoCurve', options, { ...checks, rhos: listOf('radii', nonNegative) });
  const { rhos = PAPER_RHOS, p = 2, wanted, scale, share, ...passing } = options;
  const near = around('rhoCurve', params, { wanted, scale });
  const { parts, cost } = await eachObjective(
    loss,
    passOver('rhoCurve', batches, passing),
    { share, wanted },
    (objective) => risesAlong(objective, params, near, rhos, p),
  );
  const slope = meanOver(parts, (found) => found.slope).value;
  const points = rhos.map((rho, i) => {
    const { value: rise, standardError } = meanOver(parts, ({ rises }) => rises[i]?.rise as number);
    const { value: resolution } = meanOver(parts, ({ rises }) => rises[i]?.resolution as number);
    const promised = rho * slope;
    return { rho, rise, standardError, resolution, promised, linearizationRatio: promised === 0 ? 0 : rise / promised };
  });
  return {
    points,
    loss: meanOver(parts, (found) => found.loss).value,
    p,
    gradients: cost.gradients,
    losses: cost.losses,
  };
}
