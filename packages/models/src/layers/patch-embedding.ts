import { type Key, normal } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkKey, checkTensor, checkTensors, IMAGES } from '../checks.ts';

/** Holds the kernel `[patch, patch, channels, features]` and the bias `[features]` of a patch embedding. */
export type PatchEmbeddingParams = { readonly kernel: Tensor4D; readonly bias: Tensor1D };

/**
 * Draws the parameters of a patch embedding: the kernel normal with variance 1 / fan-in, the bias zero.
 *
 * @param patch - The side of a patch in pixels.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { initPatchEmbedding } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(initPatchEmbedding(key(0), 16, 3, 192).kernel.shape); // => [ 16, 16, 3, 192 ]
 * ```
 */
export function initPatchEmbedding(key: Key, patch: number, channels: number, features: number): PatchEmbeddingParams {
  checkKey(key);
  checkCounts({ patch, channels, features });
  const deviation = 1 / Math.sqrt(patch * patch * channels);
  return {
    kernel: tf.tidy(() => tf.mul(normal<tf.Rank.R4>(key, [patch, patch, channels, features]), deviation)),
    bias: tf.zeros<tf.Rank.R1>([features]),
  };
}

/**
 * Cuts images into square patches and maps each to a vector of features, row by row: a convolution whose stride is its
 * size.
 *
 * @param x - Images `[batch, height, width, channels]`, of which whole patches are made.
 * @returns `[batch, patches, features]`.
 * @throws When height or width is no multiple of the patch.
 * @see Dosovitskiy et al., An image is worth 16x16 words (2020), equation 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { initPatchEmbedding, patchEmbedding } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * console.log(patchEmbedding(initPatchEmbedding(key(0), 4, 3, 8), tf.ones([2, 8, 12, 3])).shape); // => [ 2, 6, 8 ]
 * ```
 */
export function patchEmbedding(params: PatchEmbeddingParams, x: Tensor4D): Tensor3D {
  checkTensors('params', params, ['kernel', 'bias']);
  checkTensor('x', x, IMAGES);
  const [patch, , , features] = params.kernel.shape;
  const [batch, height, width] = x.shape;
  if (height % patch !== 0 || width % patch !== 0)
    throw new Error(
      `Images must be whole patches of ${patch} pixels a side, got ${height}×${width}: resize them, or take another patch.`,
    );
  return pure(() => {
    const y = tf.conv2d(x, params.kernel, patch, 'valid');
    return tf.add<Tensor3D>(tf.reshape(y, [batch, (height / patch) * (width / patch), features]), params.bias);
  });
}
