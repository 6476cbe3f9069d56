import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.ts';
import { type Place, placesOf, valuesOf, type Weights } from './places.ts';

/** Writes values to variables, all or none. */
export function assignTo(places: readonly Place[], params: Weights, state: Weights): void {
  const values = valuesOf(places, params, state);
  tf.tidy(() => {
    for (const [variable, value] of values) variable.write(value);
  });
}

/**
 * Puts weights back into the `tf.LayersModel` that they came from, so that its `predict`, `evaluate` and `save`, and
 * whatever else knows models, use them.
 *
 * Constraints of layers, such as `tf.constraints.maxNorm`, are applied on the way, as by the model's `setWeights`. The
 * trees stay the caller's.
 *
 * @throws When the model is no `tf.LayersModel`, or the trees are not those of its trainable and other weights, with the
 * path; then nothing is written.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { assign, fromLayersModel } from '@steppe/layers';
 * import { scaled } from '@steppe/tree';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, kernelInitializer: 'ones', inputShape: [2] })] });
 * const { params, state } = fromLayersModel(model);
 * assign(model, scaled(params, 3), state);
 * console.log((model.predict(tf.ones([1, 2])) as tf.Tensor).arraySync()); // => [ [ 6 ] ]
 * ```
 */
export function assign(model: LayersModel, params: Weights, state: Weights): void {
  checkModel(model);
  assignTo(placesOf(model), params, state);
}
