import type { Tree } from '@steppe/tree';
import type { Functional, GradientFn, HessianProduct } from '../contract.ts';

/** Refuses what a link needs and is not there: it was lost in a link before it, or never known. */
function refuse(what: string, link: string, lost: string | undefined, missing: string): never {
  throw new Error(
    lost === undefined
      ? `${what} needs ${missing}.`
      : `${what} needs the derivative of what comes before it in the chain, and ${lost} has none: move it behind ${link}.`,
  );
}

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
export const requireHvp = <P extends Tree, Batch extends Tree, Aux extends Tree>(
  { hvp, lostIn }: GradientFn<P, Batch, Aux>,
  what: string,
  link: string = what,
): HessianProduct<P, Batch> =>
  hvp ?? refuse(what, link, lostIn?.hvp, 'a gradient function with an hvp: take valueAndGrad of @steppe/autograd');

/**
 * Gives the vector-Jacobian product of the outputs, or says what to do about its absence.
 *
 * @param link - What needs it, for the message.
 * @throws When there is none, with the link that lost it.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { requireFunctional } from '@steppe/transforms/parts';
 *
 * const gradient = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null });
 * try {
 *   requireFunctional(gradient, 'mine');
 * } catch (error) {
 *   console.log((error as Error).message.split(':')[0]); // => mine needs a loss of outputs
 * }
 * ```
 */
export const requireFunctional = <P extends Tree, Batch extends Tree, Aux extends Tree>(
  { functional, lostIn }: GradientFn<P, Batch, Aux>,
  link: string,
): Functional<P, Batch> =>
  functional ??
  refuse(
    link,
    link,
    lostIn?.functional,
    'a loss of outputs: give valueAndGrad of @steppe/autograd, or trainStep, { outputs, loss }',
  );
