import { checkOneOf, checkOptions, oneOf, refusal } from '@steppe/check';
import type { ApplyOptions } from '@steppe/models';
import { clone, pure } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.ts';
import { innerOf } from './compiled.ts';
import { aKey, anything } from './fit-options.ts';
import { partsOf } from './parts.ts';
import { only, placesOf, treeOf, valuesOf, type Weights } from './places.ts';
import { pureCall } from './pure-call.ts';

/** What a `tf.LayersModel` computes, as pure functions of its weights: nothing passed in is freed, everything returned is
 * the caller's. */
export type LayersNetwork<Outputs extends Tensor | Tensor[] = Tensor> = {
  /**
   * Maps inputs to outputs and the next state: a tensor each, or a list where the model has several. In training it
   * normalizes by the batch, moves the statistics, and drops out by the key.
   */
  readonly apply: (
    params: Weights,
    state: Weights,
    inputs: Tensor | readonly Tensor[],
    options: ApplyOptions,
  ) => readonly [outputs: Outputs, state: Weights];
  /** The values of the regularizers, which the loss of `fit` adds: none where no layer has any. */
  readonly penalties: (params: Weights, state: Weights) => readonly Scalar[];
};

/** The inputs as a list, of the model's length. */
function listOf(inputs: Tensor | readonly Tensor[], names: readonly string[]): Tensor[] {
  const list: readonly Tensor[] = inputs instanceof tf.Tensor ? [inputs] : inputs;
  if (!Array.isArray(list) || list.length !== names.length || !list.every((input) => input instanceof tf.Tensor))
    throw refusal('inputs', names.length === 1 ? 'a tensor' : `a list of ${names.length} tensors (${names})`, inputs);
  return [...list];
}

/** A model's functions, without copies of its weights. */
export function networkOf<Outputs extends Tensor | Tensor[]>(model: LayersModel): LayersNetwork<Outputs> {
  checkModel(model);
  const [places, parts] = [placesOf(model), partsOf(model)];
  const fixed = only(places, false);
  return {
    apply(params, state, inputs, options) {
      checkOptions('apply', options, { training: anything, key: aKey, statistics: oneOf('batch', 'running') });
      const { training, key, statistics } = options;
      checkOneOf('training', training, [true, false]);
      const [list, values] = [listOf(inputs, model.inputNames), valuesOf(places, params, state)];
      return pure(() =>
        pureCall({ parts, values, key, running: statistics === 'running' }, (written) => {
          const outputs = [model.call(list, { training })].flat();
          const next = treeOf(fixed, ({ variable }) =>
            tf.clone((written.get(variable) ?? values.get(variable)) as Tensor),
          );
          return [(outputs.length === 1 ? outputs[0] : outputs) as Outputs, next] as const;
        }),
      );
    },
    penalties(params, state) {
      const values = valuesOf(places, params, state);
      return pure(() => pureCall({ parts, values }, () => clone(innerOf(model).calculateLosses())));
    },
  };
}
