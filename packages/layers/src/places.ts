import { checkRecord, refusal } from '@steppe/check';
import { leaves } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

/** Weights of a `tf.LayersModel` by layer and name: `.conv2d_1.kernel` is a path in them. */
export type Weights = { readonly [layer: string]: { readonly [weight: string]: Tensor } };

/** A variable of a model, and where its value stands in the trees. */
export type Place = {
  readonly variable: LayerVariable;
  readonly layer: string;
  readonly weight: string;
  readonly trainable: boolean;
};

/** The places of all variables of a model, each once, in the order of its layers. */
export function placesOf(model: LayersModel): readonly Place[] {
  const trainable = new Set(model.trainableWeights);
  const seen = new Set<LayerVariable>();
  return model.layers.flatMap(({ name: layer, weights }) => {
    const taken = new Map<string, number>();
    return weights.flatMap((variable) => {
      if (seen.has(variable)) return [];
      seen.add(variable);
      // The name that files have, without the number that makes it unique in this process.
      const own = variable.originalName;
      const name = own.startsWith(`${layer}/`) ? own.slice(layer.length + 1) : own;
      const before = taken.get(name) ?? 0;
      taken.set(name, before + 1);
      const weight = before === 0 ? name : `${name}_${before}`;
      return [{ variable, layer, weight, trainable: trainable.has(variable) }];
    });
  });
}

/** The places that are trained, or those that are not. */
export const only = (places: readonly Place[], trainable: boolean): readonly Place[] =>
  places.filter((place) => place.trainable === trainable);

/** A tree with a value at each place. */
export function treeOf(places: readonly Place[], valueAt: (place: Place) => Tensor): Weights {
  const tree: { [layer: string]: { [weight: string]: Tensor } } = {};
  for (const place of places) {
    const layer = tree[place.layer] ?? {};
    tree[place.layer] = layer;
    layer[place.weight] = valueAt(place);
  }
  return tree;
}

/** Copies of what the variables hold. */
export const readPlaces = (places: readonly Place[]): Weights =>
  treeOf(places, ({ variable }) => tf.clone(variable.read()));

/** Whether a tensor has the shape of a variable. */
export const isShape = ({ shape }: Tensor, variable: LayerVariable): boolean =>
  shape.length === variable.shape.length && shape.every((size, axis) => size === variable.shape[axis]);

/** A place as messages call it. */
const pathOf = (layer: string, weight: string, value: Tensor): string =>
  leaves({ [layer]: { [weight]: value } })[0]?.path ?? '';

/** The value that a tree has for each place. */
function valuesIn(
  name: string,
  tree: Weights,
  places: readonly Place[],
): readonly (readonly [LayerVariable, Tensor])[] {
  checkRecord(name, tree);
  const values = places.map(({ variable, layer, weight }) => {
    const value = tree[layer]?.[weight];
    if (value !== undefined && !(value instanceof tf.Tensor))
      throw refusal(`${name} at "${pathOf(layer, weight, variable.read())}"`, 'a tensor', value);
    if (value !== undefined && isShape(value, variable)) return [variable, value] as const;
    const path = pathOf(layer, weight, variable.read());
    throw new Error(
      value === undefined
        ? `${name} has nothing at "${path}": pass ${name} as fromLayersModel or apply gives it.`
        : `${name} has shape [${value.shape}] at "${path}", the model has [${variable.shape}]: pass what was made of this model.`,
    );
  });
  const given = leaves(tree);
  if (given.length === places.length) return values;
  const known = new Set(values.map(([, value]) => value.id));
  const other = given.find(({ leaf }) => !known.has(leaf.id));
  throw new Error(
    `${name} has "${other?.path}", which is no weight that the model ${name === 'params' ? 'trains' : 'keeps fixed'}.`,
  );
}

/** The value for each variable of a model out of the two trees. */
export const valuesOf = (
  places: readonly Place[],
  params: Weights,
  state: Weights,
): ReadonlyMap<LayerVariable, Tensor> =>
  new Map([...valuesIn('params', params, only(places, true)), ...valuesIn('state', state, only(places, false))]);
