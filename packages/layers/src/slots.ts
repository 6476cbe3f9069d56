import { type Key, key as keyOf } from '@steppe/random';
import { clone, dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** What an optimizer carries from one step of a model to the next, as an optimizer of tfjs keeps its moments. */
export type Slot = {
  /** The transformation whose state it is. */
  readonly optimizer: object;
  readonly key: Key;
  readonly step: number;
  readonly state: Tree;
  /** The paths of the parameters that the state is for. */
  readonly of: string;
};

const slots = new WeakMap<LayersModel, Slot>();

/** Takes tensors out of all scopes: they live until they are disposed of. */
export function kept<T extends Tree>(tree: T): T {
  const copy = clone(tree);
  for (const { leaf } of leaves(copy)) tf.keep(leaf);
  return copy;
}

/** A key that no run before had, where none is given: as tfjs's own dropout, which is never the same. */
export const freshKey = (): Key => keyOf(Math.floor(Math.random() * 2 ** 53));

/** The paths of a tree, as one text. */
export const pathsOf = (params: Tree): string =>
  leaves(params)
    .map(({ path }) => path)
    .join(' ');

/** What `fit` goes on from: the optimizer's state of the last one, if it was the same optimizer. */
export function slotOf(model: LayersModel, optimizer: object): Slot | undefined {
  const slot = slots.get(model);
  if (slot?.optimizer === optimizer) return slot;
  forget(model);
  return undefined;
}

/** Puts a slot in the place of the last one, which is freed. */
export function putSlot(model: LayersModel, slot: Slot): void {
  const before = slots.get(model);
  slots.set(model, { ...slot, state: kept(slot.state) });
  dispose(before?.state);
}

/**
 * Frees the state that `fit` keeps of its last optimizer for a model, such as Adam's moments.
 *
 * `fit` with the same optimizer goes on from it, as TensorFlow.js's own does; with another one it frees it itself. After
 * this, the next `fit` starts afresh. The model is not touched.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fit, forget } from '@steppe/layers';
 * import { adam, sam } from '@steppe/transforms';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
 * const [x, y] = [tf.ones([2, 1]), tf.zeros([2, 1])];
 * const before = tf.memory().numTensors;
 * await fit(model, x, y, { optimizer: sam(adam(1e-2), 0.05), loss: 'meanSquaredError' });
 * forget(model);
 * console.log(tf.memory().numTensors - before); // => 0
 * ```
 */
export function forget(model: LayersModel): void {
  dispose(slots.get(model)?.state);
  slots.delete(model);
}
