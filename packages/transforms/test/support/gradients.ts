import { pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { Evaluation } from '../../src/index.ts';

export { counting } from '../../src/laws/counting.ts';
export { batchOf, exampleLoss, gradient, type LawAux as Aux, type LawBatch as Batch } from '../../src/laws/index.ts';

/** The gradient of ½ Σ aⱼ wⱼ², the quadratic of the reference vectors. */
export const quadratic =
  (a: readonly number[]) =>
  (w: tf.Tensor): Evaluation<tf.Tensor, null> =>
    pure(() => {
      const grads = tf.mul(w, tf.tensor1d([...a]));
      return { value: tf.mul(tf.sum(tf.mul(grads, w)), 0.5) as tf.Scalar, grads, aux: null };
    });

export type Rows = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D };

/** The gradient of mean ½(x·w - y)², the regression of the reference vectors; w is a vector, or a kernel of one output. */
export const regression = (w: tf.Tensor, { x, y }: Rows): Evaluation<tf.Tensor, null> =>
  pure(() => {
    const residual = tf.sub(tf.sum(tf.mul(x, tf.reshape(w, [w.size])), 1), y);
    return {
      value: tf.mul(tf.mean(tf.square(residual)), 0.5) as tf.Scalar,
      grads: tf.reshape(tf.mean(tf.mul(x, tf.expandDims(residual, 1)), 0), w.shape),
      aux: null,
    };
  });
