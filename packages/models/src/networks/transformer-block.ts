import { foldIn, type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { activate } from '../layers/activation.ts';
import { type AttentionParams, attention, initAttention } from '../layers/attention.ts';
import type { NormParams } from '../layers/batch-norm.ts';
import { type DenseParams, dense, initDense, xavierUniform } from '../layers/dense.ts';
import { dropPath } from '../layers/drop-path.ts';
import { dropout as dropEntries } from '../layers/dropout.ts';
import { initLayerNorm, layerNorm } from '../layers/layer-norm.ts';

/** Holds two dense layers with a nonlinearity between them. */
export type MlpBlockParams = { readonly expand: DenseParams; readonly project: DenseParams };

/** Holds the parameters of a block of a transformer. */
export type TransformerBlockParams = {
  readonly norm1: NormParams;
  readonly attention: AttentionParams;
  readonly norm2: NormParams;
  readonly mlp: MlpBlockParams;
};

/** Which noise a block has, and the key to draw it; without one it has none. */
export type Noise = { readonly key: Key | undefined; readonly dropout: number; readonly dropPath: number };

/** Draws the parameters of two dense layers, the first to `inner` features, the second back. */
export function initMlpBlock(key: Key, features: number, inner: number): MlpBlockParams {
  const [expandKey, projectKey] = split(key);
  return {
    expand: initDense(expandKey, features, inner, xavierUniform),
    project: initDense(projectKey, inner, features, xavierUniform),
  };
}

/** Drops entries, where there is noise; `place` tells the places of one block apart. */
export function dropped<T extends Tensor>(x: T, { key, dropout }: Noise, place: number): T {
  return key === undefined || dropout === 0 ? x : (dropEntries(foldIn(key, place), dropout, x) as T);
}

/** Leaves out a branch for some examples, where there is noise. */
export function withoutPath<T extends Tensor>(branch: T, { key, dropPath: rate }: Noise, place: number): T {
  return key === undefined || rate === 0 ? branch : dropPath(foldIn(key, place), rate, branch);
}

/** Maps features by two dense layers with a gelu between them. */
export function mlpBlock<T extends Tensor>(params: MlpBlockParams, x: T, noise: Noise, place: number): T {
  return pure(() => {
    const inner = dropped(activate('gelu', dense(params.expand, x)), noise, place);
    return dropped(dense(params.project, inner), noise, place + 1);
  });
}

/** Draws the parameters of a block, whose inner features are four times as many. */
export function initTransformerBlock(key: Key, features: number): TransformerBlockParams {
  const [attentionKey, mlpKey] = split(key);
  return {
    norm1: initLayerNorm(features),
    attention: initAttention(attentionKey, features),
    norm2: initLayerNorm(features),
    mlp: initMlpBlock(mlpKey, features, 4 * features),
  };
}

/**
 * Applies a block: x + attention(norm₁(x)) = y, then y + mlp(norm₂(y)).
 *
 * @see Dosovitskiy et al., An image is worth 16x16 words (2020), equations 2 and 3.
 */
export function applyTransformerBlock(
  params: TransformerBlockParams,
  x: Tensor3D,
  heads: number,
  noise: Noise,
): Tensor3D {
  return pure(() => {
    const mixed = dropped(attention(params.attention, layerNorm(params.norm1, x), heads), noise, 0);
    const y = tf.add(x, withoutPath(mixed, noise, 1));
    const mapped = mlpBlock(params.mlp, layerNorm(params.norm2, y), noise, 2);
    return tf.add<Tensor3D>(y, withoutPath(mapped, noise, 4));
  });
}
