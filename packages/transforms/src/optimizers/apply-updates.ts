import { addScaled, type Tree } from '@steppe/tree';

/**
 * Takes a step: w + u, leaf by leaf. Updates are added, so a chain ends with a negative scale.
 *
 * An optimizer with two of them, as `chain(adam(1e-3), sgd(0.1))`, climbs: its `sign` is 1. `trainStep` of `@steppe/train`
 * refuses it; a loop of your own calls `checkOptimizer` of `@steppe/transforms/parts` once, before it begins.
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
