import { checkRecord } from '@steppe/check';
import { Softmax } from '@steppe/kernels';
import { type Key, split, uniform } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkKey, checkTensor, TOKENS } from '../checks.ts';
import { type DenseParams, dense, initDense, xavierUniform } from './dense.ts';
import { hasKernel } from './kernels.ts';

/** Holds the projection to queries, keys and values, one after another in its `[features, 3·features]`, and the one of
 * what the heads give. */
export type AttentionParams = { readonly qkv: DenseParams; readonly out: DenseParams };

/**
 * Draws the parameters of self-attention: each of the four kernels `[features, features]` by `xavierUniform`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initAttention } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(initAttention(key(0), 192).qkv.kernel.shape); // => [ 192, 576 ]
 * ```
 */
export function initAttention(key: Key, features: number): AttentionParams {
  checkKey(key);
  checkCounts({ features });
  const [qkvKey, outKey] = split(key);
  const bound = Math.sqrt(3 / features);
  return {
    qkv: initDense(qkvKey, features, 3 * features, (of, rows, columns) =>
      uniform<tf.Rank.R2>(of, [rows, columns], -bound, bound),
    ),
    out: initDense(outKey, features, features, xavierUniform),
  };
}

/** exp(x) / Σ exp(x) of the last axis, whose gradient is one pass over memory where the backend can. */
const softmax = (x: Tensor): Tensor =>
  hasKernel(Softmax) ? (tf.engine().runKernel(Softmax, { x }) as Tensor) : tf.softmax(x);

/**
 * Lets every token look at all tokens of its example: W·concat(softmax(q·kᵀ / √d)·v over the heads), d features a head.
 *
 * @param x - Tokens `[batch, tokens, features]`.
 * @param heads - Divides the features.
 * @throws When the features do not fall into such heads.
 * @see Vaswani et al., Attention is all you need (2017), section 3.2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { attention, initAttention } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(attention(initAttention(key(0), 8), tf.ones([2, 5, 8]), 2).shape); // => [ 2, 5, 8 ]
 * ```
 */
export function attention(params: AttentionParams, x: Tensor3D, heads: number): Tensor3D {
  checkRecord('params', params);
  checkTensor('x', x, TOKENS);
  checkCounts({ heads });
  const [batch, tokens, features] = x.shape;
  const each = features / heads;
  if (!Number.isInteger(each)) throw new Error(`heads must divide the ${features} features, got ${heads}.`);
  return pure(() => {
    const parts = tf.transpose(tf.reshape(dense(params.qkv, x), [batch, tokens, 3, heads, each]), [2, 0, 3, 1, 4]);
    const [q, k, v] = tf.unstack(tf.reshape(parts, [3, batch * heads, tokens, each])) as [Tensor, Tensor, Tensor];
    // Scaling the queries is less than scaling what they give with the keys.
    const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(each)), k, false, true);
    const mixed = tf.matMul(softmax(scores), v);
    const together = tf.transpose(tf.reshape(mixed, [batch, heads, tokens, each]), [0, 2, 1, 3]);
    return dense(params.out, tf.reshape<tf.Rank.R3>(together, [batch, tokens, features]));
  });
}
