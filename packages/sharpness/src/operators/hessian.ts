import { hvp } from '@steppe/autograd';
import { dispose, type Tree } from '@steppe/tree';
import { clone, keep, Tensor } from '@tensorflow/tfjs-core';
import type { Batches } from '../examples.ts';
import type { Loss } from '../loss.ts';
import { meanTree } from '../means.ts';
import { operator, type SymmetricOperator } from './operator.ts';
import { type BatchedOptions, batched } from './operator-options.ts';

/**
 * Makes the Hessian of a loss over all its examples an operator: v ↦ ∇²L(w)·v, L the mean over the examples.
 *
 * Products are exact, and each takes a pass over the batches, in the memory of one of them. Whether batch normalization
 * uses the statistics of the batch or of a run is for the loss to choose. At kinks (relu, max pools) it is the Hessian
 * of the piece that w lies in.
 *
 * @param loss - A mean over the examples of its batch, of operations that `secondDerivatives()` of `@steppe/autograd`
 * lists.
 * @param params - w; stays the caller's, and must live as long as the operator is used.
 * @throws When an option is wrong or the parameters hold no number; at a product, when the loss uses an operation
 * without a second derivative, with its name, there are no batches, v does not match the parameters, or the loss or the
 * product of a batch holds a NaN or an infinite number, with the number of the batch.
 * @see Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 1994.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { hessian } from '@steppe/sharpness';
 *
 * // L(w) = mean ½(x·w)² has the Hessian XᵀX / n.
 * const loss = (w: tf.Tensor1D, x: tf.Tensor2D) => tf.mean(tf.mul(0.5, tf.square(tf.dot(x, w))));
 * const batches = [tf.tensor2d([[1, 0], [0, 2]]), tf.tensor2d([[1, 1]])];
 * const operator = hessian(loss, tf.tensor1d([0, 0]), batches);
 * const product = await operator.multiply(tf.tensor1d([3, 0]));
 * console.log(Array.from(product.dataSync(), Math.round)); // => [ 2, 1 ]
 * ```
 */
export function hessian<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: BatchedOptions<Batch> = {},
): SymmetricOperator<P> {
  const product = withValue(loss);
  const { wanted, pass } = batched('hessian', batches, options);
  return operator(params, wanted, async (v) => {
    const mean = await meanTree('loss or Hessian product', pass, (batch) => product(params, batch, v, wanted));
    dispose(mean.value);
    return mean.product;
  });
}

/** Hessian products with the value of the loss beside each: a loss that is no number may have a product that is one. */
function withValue<P extends Tree, Batch extends Tree>(loss: Loss<P, Batch>) {
  let seen: Tensor | undefined;
  const see = (given: unknown): void => {
    dispose(seen);
    // The tape frees what was made on it.
    seen = given instanceof Tensor ? keep(clone(given)) : undefined;
  };
  const ofLoss = hvp<P, Batch>(
    typeof loss === 'function'
      ? (params, batch) => {
          const given = loss(params, batch);
          see(Array.isArray(given) ? given[0] : given);
          return given;
        }
      : loss,
  );
  return (...[params, batch, v, wanted]: Parameters<typeof ofLoss>) => {
    try {
      const product = ofLoss(params, batch, v, wanted);
      return { product, value: seen === undefined ? null : clone(seen) };
    } finally {
      dispose(seen);
      seen = undefined;
    }
  };
}
