import type * as tf from '@tensorflow/tfjs';
import type { Weights } from '../../src/index.ts';

/** The numbers of some weights, by path. */
export const numbers = (tree: Weights): { readonly [path: string]: readonly number[] } =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([layer, weights]) =>
      Object.entries(weights).map(([weight, value]) => [`${layer}.${weight}`, [...value.dataSync()]]),
    ),
  );

/** The numbers of all weights of a model. */
export const weightsOf = (model: tf.LayersModel): number[][] =>
  model.getWeights().map((weight) => [...weight.dataSync()]);
