import { checkOneOf } from '@steppe/check';
import { Gelu, Silu } from '@steppe/kernels';
import { pure } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from '../checks.ts';
import { hasKernel } from './kernels.ts';

/** Names a nonlinearity: one of `relu`, `relu6`, `silu`, `gelu`, `geluTanh`. */
export type Activation = 'relu' | 'relu6' | 'silu' | 'gelu' | 'geluTanh';

/** One pass over memory where the backend has such a kernel, basic operations elsewhere. */
const fused =
  (name: string, composed: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor =>
    x.dtype === 'float32' && hasKernel(name) ? (tf.engine().runKernel(name, { x }) as Tensor) : composed(x);

/** x·(1 + tanh(√(2 / π)·(x + 0.044715·x³))) / 2. */
const geluTanh = (x: Tensor): Tensor => {
  const inner = tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return tf.mul(x, tf.add(tf.mul(tf.tanh(inner), 0.5), 0.5));
};

/** Every nonlinearity by its name. */
export const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  relu: tf.relu,
  relu6: tf.relu6,
  silu: fused(Silu, (x) => tf.mul(x, tf.sigmoid(x))),
  // x·Φ(x) with Φ(x) = (1 + erf(x / √2)) / 2.
  gelu: fused(Gelu, (x) => tf.mul(x, tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5))),
  geluTanh,
};

/**
 * Applies a nonlinearity to every entry of a tensor.
 *
 * | name | is |
 * |---|---|
 * | `relu` | max(x, 0) |
 * | `relu6` | min(max(x, 0), 6) |
 * | `silu` (swish) | x·σ(x), smooth |
 * | `gelu` | x·Φ(x), exactly, as in Vision Transformers |
 * | `geluTanh` | x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, its approximation |
 *
 * @param x - A tensor of any shape.
 * @see Hendrycks and Gimpel, Gaussian error linear units (2016), section 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { activate } from '@steppe/models';
 *
 * console.log(activate('relu', tf.tensor1d([-1, 2])).arraySync()); // => [ 0, 2 ]
 * console.log(activate('gelu', tf.scalar(1)).arraySync().toFixed(4)); // => 0.8413
 * ```
 */
export function activate<T extends Tensor>(activation: Activation, x: T): T {
  checkOneOf('activation', activation, Object.keys(activations));
  checkTensor('x', x);
  return pure(() => activations[activation](x) as T);
}
