import * as tf from '@tensorflow/tfjs-core';

/** What a normalization takes. */
export type Inputs = readonly [x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor];

export const sumOf = (terms: readonly tf.Tensor[]): tf.Tensor => tf.addN(terms.map((term) => tf.sum(term)));

/** ∂⟨dy, y⟩ by x, scale and offset. */
export const firstOf = (norm: (...inputs: Inputs) => tf.Tensor, inputs: Inputs, dy: tf.Tensor): tf.Tensor[] =>
  tf.grads((...at) => tf.sum(tf.mul(norm(...(at as [tf.Tensor, tf.Tensor, tf.Tensor])), dy)))([...inputs]);

/** ∂⟨along, these⟩ by dy, x and scale. */
export const secondOf = (
  norm: (...inputs: Inputs) => tf.Tensor,
  [x, scale, offset]: Inputs,
  dy: tf.Tensor,
  along: Inputs,
): tf.Tensor[] =>
  tf.grads((d, y, s) => {
    const first = firstOf(norm, [y as tf.Tensor, s as tf.Tensor, offset], d as tf.Tensor);
    return sumOf(first.map((gradient, i) => tf.mul(gradient, along[i] as tf.Tensor)));
  })([dy, x, scale]);
