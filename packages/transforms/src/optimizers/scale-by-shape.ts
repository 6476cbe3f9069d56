import { aNumber, type Check, checkOptions, positive } from '@steppe/check';
import { map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { stateless } from '../links/lift.ts';
import { matrixShape } from './orthogonalize.ts';

export type ScaleByShapeOptions = {
  /** The root mean square of an update's entries, at most: u·c·√max(rest, out). 0.2 is that of AdamW, so that its learning
   * rate and weight decay serve. @defaultValue none: √max(1, out/rest) */
  readonly consistentRms?: number;
};

/** The checks of `ScaleByShapeOptions`. */
export const shapeOptions: Record<'consistentRms', Check> = { consistentRms: aNumber(positive) };

/**
 * Scales each leaf's update by its shape as a matrix `[rest, out]`, so that one learning rate serves all of Muon's
 * matrices: u ↦ u·√max(1, out/rest), or u·c·√max(rest, out) for a `consistentRms` of c.
 *
 * @throws When `consistentRms` is not positive.
 * @see Liu et al., Muon is Scalable for LLM Training, 2025, arXiv 2502.16982, for `consistentRms`;
 * optax.contrib.scale_by_shape.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaleByShape } from '@steppe/transforms';
 *
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.ones([2, 8]), aux: null });
 * const [{ grads }] = scaleByShape().update(gradient, null, tf.zeros([2, 8]), null);
 * console.log(grads.dataSync()[0]); // => 2
 * ```
 */
export function scaleByShape(options: ScaleByShapeOptions = {}): GradientTransformation<null> {
  checkOptions('scaleByShape', options, shapeOptions);
  const { consistentRms } = options;
  const factor = (rest: number, out: number): number =>
    consistentRms === undefined ? Math.sqrt(Math.max(1, out / rest)) : consistentRms * Math.sqrt(Math.max(rest, out));
  const scaledByShape = <P extends Tree>(updates: P): P =>
    map(updates, (u) => (u.size === 0 ? u : tf.mul(u, factor(...matrixShape(u)))));
  // Linear, but a factor for each leaf makes the gradient that of nothing.
  return stateless(scaledByShape, call('scaleByShape', options));
}
