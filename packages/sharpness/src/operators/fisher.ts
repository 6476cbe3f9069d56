import { aNumber, checkFunction, count, refusal } from '@steppe/check';
import { foldIn, type Key, key as keyOf } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batches } from '../examples.ts';
import { meanTree } from '../means.ts';
import { aKey } from '../spectrum/estimate.ts';
import { operator, type SymmetricOperator } from './operator.ts';
import { type BatchedOptions, batched } from './operator-options.ts';
import { type LossOfOutputs, partsOf } from './parts.ts';

/** Which Fisher matrix: that of the labels that there are, or of labels which the model draws. */
export type FisherOptions<Batch> = BatchedOptions<Batch> & {
  /** Gives the batch with labels drawn from the model's own distribution, by the key: the Fisher matrix by Monte Carlo.
   * @defaultValue none, which is the empirical Fisher matrix, of the labels in the batch */
  readonly draw?: (outputs: Tensor, batch: Batch, key: Key) => Batch;
  /** How often labels are drawn for each example. @defaultValue 1 */
  readonly samples?: number;
  /** What the labels are drawn by; each product sees the same ones. @defaultValue key(0) */
  readonly key?: Key;
};

/** n·c_i·⟨c_i, t_i⟩, row by row: the sum over examples of (n·c_i)(n·c_i)ᵀ/n applied to the tangent. */
function outer(c: Tensor, t: Tensor): Tensor {
  const n = c.shape[0] as number;
  const rows = [n, c.size / n];
  const flat = tf.reshape(c, rows);
  const along = tf.sum(tf.mul(flat, tf.reshape(t, rows)), 1, true);
  return tf.reshape(tf.mul(flat, tf.mul(along, n)), c.shape);
}

/**
 * Makes a Fisher matrix an operator: v ↦ mean ∇ℓ_i⟨∇ℓ_i, v⟩ over the examples i, with the labels of the batch (the
 * empirical Fisher matrix), or with labels that the model draws (`draw`; the Fisher matrix by Monte Carlo).
 *
 * An example's own gradient is known where its output depends on no other example: with batch normalization in
 * evaluation mode. The two matrices differ, also at a minimum; only the one by Monte Carlo approximates the
 * Gauss-Newton matrix of a likelihood.
 *
 * @param parts - `{ outputs, loss }`; the outputs have the examples along their first dimension, and the loss is the
 * mean over them of the negative logarithm of a likelihood.
 * @throws When `gaussNewton` would, the outputs are a scalar, `samples` or `key` come without `draw`, or the key is none.
 * @see Kunstner, Balles, Hennig, Limitations of the empirical Fisher approximation, NeurIPS 2019, equations 3 and 4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fisher } from '@steppe/sharpness';
 *
 * // ℓ_i = ½(w·x_i - y_i)² has the gradient (w·x_i - y_i)·x_i: here 2 and -3, of mean square 6.5.
 * const parts = {
 *   outputs: (w: tf.Scalar, { x }: { x: tf.Tensor1D; y: tf.Tensor1D }) => tf.mul(x, w),
 *   loss: (f: tf.Tensor, { y }: { x: tf.Tensor1D; y: tf.Tensor1D }) => tf.mean(tf.mul(0.5, tf.square(tf.sub(f, y)))),
 * };
 * const batch = { x: tf.tensor1d([1, 3]), y: tf.tensor1d([0, 7]) };
 * const product = await fisher(parts, tf.scalar(2), [batch]).multiply(tf.scalar(1));
 * console.log(product.arraySync()); // => 6.5
 * ```
 */
export function fisher<P extends Tree, Batch extends Tree>(
  parts: LossOfOutputs<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: FisherOptions<Batch> = {},
): SymmetricOperator<P> {
  const { forward, back, slope } = partsOf('fisher', parts);
  const { wanted, pass } = batched('fisher', batches, options, {
    draw: checkFunction,
    samples: aNumber(count),
    key: aKey,
  });
  const { draw, samples = 1, key = keyOf(0) } = options;
  if (draw === undefined && (options.samples ?? options.key) !== undefined)
    throw new Error('fisher draws labels by samples and key where draw gives them: give draw, or leave these out.');
  return operator(params, wanted, (v) =>
    meanTree('Fisher product', pass, (batch, number) => {
      const [outputs, tangent] = forward(params, batch, v);
      if (outputs.rank === 0) throw refusal('The outputs of fisher', 'a tensor of [examples, ...]', outputs);
      const of = (labelled: Batch) => outer(slope(outputs, labelled), tangent);
      if (draw === undefined) return back(params, batch, of(batch), wanted);
      const own = foldIn(key, number);
      const drawn = Array.from({ length: samples }, (_, i) => of(draw(outputs, batch, foldIn(own, i))));
      return back(params, batch, tf.div(tf.addN(drawn), samples), wanted);
    }),
  );
}
