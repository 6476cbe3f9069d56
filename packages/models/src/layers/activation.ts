import { pure } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Names a nonlinearity: `relu` is max(x, 0), as published; `silu` is x·σ(x) (also called swish), smooth. */
export type Activation = 'relu' | 'silu';

/** Every nonlinearity by its name. */
export const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  relu: tf.relu,
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
};

/**
 * Applies a nonlinearity to every entry of a tensor.
 *
 * @param x - A tensor of any shape.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { activate } from '@steppe/models';
 *
 * console.log(activate('relu', tf.tensor1d([-1, 2])).arraySync()); // => [ 0, 2 ]
 * ```
 */
export function activate<T extends Tensor>(activation: Activation, x: T): T {
  return pure(() => activations[activation](x) as T);
}
