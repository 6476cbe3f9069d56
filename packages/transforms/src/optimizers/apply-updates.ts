import { addScaled, type Tree } from '@steppe/tree';

/**
 * Takes a step: w + u, leaf by leaf. Updates are added, so a chain ends with a negative scale.
 *
 * @throws When the trees differ in structure, with the path of the odd leaf.
 * @see optax.apply_updates
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { applyUpdates } from '@steppe/transforms';
 *
 * console.log(applyUpdates({ w: tf.scalar(1) }, { w: tf.scalar(-0.25) }).w.arraySync()); // => 0.75
 * ```
 */
export function applyUpdates<P extends Tree>(params: P, updates: Tree): P {
  return addScaled(params, 1, updates);
}
