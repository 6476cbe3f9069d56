import type { Tree } from '@steppe/tree';
import type { Evaluation, GradientFn, Select } from '../contract.ts';

/** All that can be known of a gradient function beside what it gives: every member of it, also one that is missing. */
export type Known<P extends Tree, Batch extends Tree, Aux extends Tree> = {
  // Not a mapping of the type itself: members that it may leave out must be said here.
  readonly [Member in Exclude<keyof GradientFn<P, Batch, Aux>, never>]: GradientFn<P, Batch, Aux>[Member];
};

/**
 * Puts a function in the place of a gradient function and keeps all that is known of it: what a link hands to another
 * one that it wraps, with something more on board of its evaluations.
 *
 * Where the gradient itself is another one, `known` says of every member what has become of it; a member that the
 * contract gains later does not compile until each such place does.
 *
 * @param gradient - The one that is known.
 * @param evaluate - What is called instead.
 * @param known - What is known of the new one, by default the same.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { inPlaceOf } from '@steppe/transforms/parts';
 *
 * const slope = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const gradient = Object.assign(slope, { hvp: (_w: tf.Tensor, _batch: null, v: tf.Tensor) => tf.mul(v, 2) });
 * let evaluations = 0;
 * const counted = inPlaceOf<tf.Tensor, null, null>(gradient, (w) => {
 *   evaluations += 1;
 *   return gradient(w);
 * });
 * counted(tf.scalar(1), null);
 * console.log(evaluations, counted.hvp?.(tf.scalar(1), null, tf.scalar(3)).arraySync()); // => 1 6
 * ```
 */
export const inPlaceOf = <P extends Tree, Batch extends Tree, Aux extends Tree>(
  gradient: GradientFn<P, Batch, Aux>,
  evaluate: (params: P, batch: Batch, wanted?: Select) => Evaluation<P, Aux>,
  known: Known<P, Batch, Aux> | GradientFn<P, Batch, Aux> = gradient,
): GradientFn<P, Batch, Aux> => Object.assign(evaluate, known);
