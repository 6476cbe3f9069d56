import type { Tree } from '@steppe/tree';
import type { GradientFn, HessianProduct } from '../contract.ts';

/**
 * Gives the Hessian product of a gradient function, or says what to do about its absence.
 *
 * @param what - What needs it, for the message: the link, or an option of it.
 * @param link - The link that must stand before the one that `hvp` was lost in.
 * @throws When there is none, with the link that lost it.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { requireHvp } from '@steppe/transforms/parts';
 *
 * const gradient = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null });
 * try {
 *   requireHvp(gradient, 'newton');
 * } catch (error) {
 *   console.log((error as Error).message); // => newton needs a gradient function with an hvp: take valueAndGrad of @steppe/autograd.
 * }
 * ```
 */
export function requireHvp<P extends Tree, Batch extends Tree, Aux extends Tree>(
  { hvp, hvpLostIn }: GradientFn<P, Batch, Aux>,
  what: string,
  link: string = what,
): HessianProduct<P, Batch> {
  if (hvp !== undefined) return hvp;
  throw new Error(
    hvpLostIn === undefined
      ? `${what} needs a gradient function with an hvp: take valueAndGrad of @steppe/autograd.`
      : `${what} needs the derivative of what comes before it in the chain, and ${hvpLostIn} has none: move it behind ${link}.`,
  );
}
