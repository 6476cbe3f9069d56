import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type LayersNetwork, networkOf } from './network.ts';
import { only, placesOf, readPlaces, type Weights } from './places.ts';

/** A `tf.LayersModel` as pure functions, and its weights. */
export type PureLayersModel<Outputs extends Tensor | Tensor[] = Tensor> = LayersNetwork<Outputs> & {
  /** Copies of the trainable weights. */
  readonly params: Weights;
  /** Copies of all other weights: moving statistics, and those of frozen layers. */
  readonly state: Weights;
};

/**
 * Gives a `tf.LayersModel` as a pure function of its weights, which SAM can evaluate wherever it likes.
 *
 * Trainable weights become `params`, all others `state`, both by layer and name. The model stays the architecture: what
 * `apply` runs are its layers, custom ones too, with other tensors in the place of their variables, which it neither
 * reads nor changes. Random numbers of layers, dropout and noise, come from the key; a layer that TensorFlow.js gives a
 * seed of its own draws the same ones at every call. Sequential and functional models, with several inputs and outputs,
 * models in models, recurrent layers, embeddings and batch normalization are all alike.
 *
 * `@steppe/train` takes it with `layersLoss`, and `assign` puts weights back; `fit` is the shortest way.
 *
 * @typeParam Outputs - `tf.Tensor[]` for a model with several outputs.
 * @throws When the model is no `tf.LayersModel`, has no weights yet, or has a layer that is no function of its weights:
 * a stateful one, or one that counts its seed up; at a call, when trees, inputs or options are others than the model's,
 * a layer draws random numbers and there is no key, or it writes to a `tf.Variable` of its own: with its name.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fromLayersModel } from '@steppe/layers';
 * import { key } from '@steppe/random';
 *
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ name: 'hidden', units: 8, activation: 'relu', inputShape: [2] }),
 *     tf.layers.dropout({ rate: 0.5 }),
 *     tf.layers.dense({ name: 'last', units: 1 }),
 *   ],
 * });
 * const { params, state, apply } = fromLayersModel(model);
 * const [y] = apply(params, state, tf.ones([4, 2]), { training: true, key: key(0) });
 * const [same] = apply(params, state, tf.ones([4, 2]), { training: true, key: key(0) });
 * console.log(params.last?.kernel?.shape, tf.equal(y, same).all().dataSync()[0]); // => [ 8, 1 ] 1
 * ```
 */
export function fromLayersModel<Outputs extends Tensor | Tensor[] = Tensor>(
  model: LayersModel,
): PureLayersModel<Outputs> {
  const network = networkOf<Outputs>(model);
  const places = placesOf(model);
  return { ...network, params: readPlaces(only(places, true)), state: readPlaces(only(places, false)) };
}
