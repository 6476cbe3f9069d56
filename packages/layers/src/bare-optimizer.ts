import { Optimizer } from '@tensorflow/tfjs-core';

const refuse = (what: string) => () => {
  throw new Error(what);
};

const UNTRAINABLE =
  'This model has no optimizer of its own, it was compiled by fit of @steppe/layers: train it by that, or call model.compile({ optimizer, loss }) first.';
const UNSAVABLE =
  'A transformation of @steppe/transforms is no part of a saved tf.LayersModel: save the model without includeOptimizer.';

/** A `tf.Optimizer` that has some members and refuses all else by name: `model.compile` takes nothing that does not
 * inherit from it. */
export const bareOptimizer = (members: { readonly [name: string]: unknown }): Optimizer =>
  Object.assign(Object.create(Optimizer.prototype), {
    minimize: refuse(UNTRAINABLE),
    applyGradients: refuse(UNTRAINABLE),
    getConfig: refuse(UNSAVABLE),
    getWeights: refuse(UNSAVABLE),
    setWeights: refuse(UNSAVABLE),
    dispose: () => undefined,
    ...members,
  });
