import { aNumber, belowOne, checkNumber, checkOneOf, checkOptions, count } from '@steppe/check';
import { foldIn, type Key, normal, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { NormParams } from '../layers/batch-norm.ts';
import { type DenseParams, dense, initDense, xavierUniform } from '../layers/dense.ts';
import { initLayerNorm, layerNorm } from '../layers/layer-norm.ts';
import { initPatchEmbedding, type PatchEmbeddingParams, patchEmbedding } from '../layers/patch-embedding.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import type { Model } from './model.ts';
import {
  applyTransformerBlock,
  dropped,
  initTransformerBlock,
  type TransformerBlockParams,
} from './transformer-block.ts';

/** Holds the parameters of a Vision Transformer; `.blocks[0].attention.qkv.kernel` is a path in it. */
export type VisionTransformerParams = {
  readonly patches: PatchEmbeddingParams;
  /** `[1, 1, features]`, whose place at the end is the image's. */
  readonly token: Tensor3D;
  /** `[1, 1 + patches, features]`. */
  readonly positions: Tensor3D;
  readonly blocks: readonly TransformerBlockParams[];
  readonly norm: NormParams;
  readonly dense: DenseParams;
};

/** A Vision Transformer as two pure functions; it has no running statistics. */
export type VisionTransformer = Model<VisionTransformerParams, null>;

/** The size of a transformer: features of a token, blocks, heads of attention. */
export type TransformerSize = { readonly features: number; readonly depth: number; readonly heads: number };

/** Says which Vision Transformer. */
export type VisionTransformerOptions = {
  /** One of the published ones, or a size of your own. */
  readonly variant: 'tiny' | 'small' | 'base' | TransformerSize;
  /**
   * The side of a patch in pixels: 4 suits images of 32 pixels.
   *
   * @defaultValue 16
   */
  readonly patch?: number;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The share of entries dropped from the tokens and after every projection but that to queries, keys and values.
   *
   * @defaultValue 0
   */
  readonly dropout?: number;
  /**
   * The probability that an example goes without a branch of the last block; blocks before it have proportionally less,
   * the first none.
   *
   * @defaultValue 0
   */
  readonly dropPath?: number;
};

/** The published sizes. */
const transformerSizes: Readonly<Record<'tiny' | 'small' | 'base', TransformerSize>> = {
  tiny: { features: 192, depth: 12, heads: 3 },
  small: { features: 384, depth: 12, heads: 6 },
  base: { features: 768, depth: 12, heads: 12 },
};

/** Checks the options, and finds the size. */
export function readTransformerOptions(name: string, options: VisionTransformerOptions): TransformerSize {
  const [whole, share] = [aNumber(count), aNumber(belowOne)];
  checkOptions(name, options, { variant: () => {}, patch: whole, classes: whole, dropout: share, dropPath: share });
  checkNumber('classes', options.classes, count);
  const { variant } = options;
  if (typeof variant !== 'object' || variant === null) {
    checkOneOf('variant', variant, Object.keys(transformerSizes));
    return transformerSizes[variant];
  }
  checkOptions('variant', variant, ['features', 'depth', 'heads']);
  for (const part of ['features', 'depth', 'heads'] as const) checkNumber(part, variant[part], count);
  if (variant.features % variant.heads !== 0)
    throw new Error(`heads must divide the ${variant.features} features, got ${variant.heads}.`);
  return variant;
}

/**
 * Makes a Vision Transformer: patches of the image as tokens, a token of its own for the class, positions that are
 * learned, blocks of attention and two dense layers, and a dense layer on the class's token.
 *
 * Counts are those of timm at 224 pixels, patch 16 and 1000 classes: tiny 5,717,416, small 22,050,664, base 86,567,656.
 * Images have the size that `init` was given.
 *
 * @throws When an option is out of its range or unknown; when images are no whole patches, or of another size than
 * `init` was given; when applied in training with noise but without a key.
 * @see Dosovitskiy et al., An image is worth 16x16 words (2020), table 1 (arXiv:2010.11929); tiny: Touvron et al.,
 * DeiT (2020), table 1; with SAM: Chen et al., When vision transformers outperform ResNets (2021).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { visionTransformer } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = visionTransformer({ variant: { features: 24, depth: 2, heads: 3 }, patch: 4, classes: 10 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: true });
 * console.log(params.positions.shape, logits.shape); // => [ 1, 5, 24 ] [ 2, 10 ]
 * ```
 */
export function visionTransformer(options: VisionTransformerOptions): VisionTransformer {
  const { features, depth, heads } = readTransformerOptions('visionTransformer', options);
  const { patch = 16, classes, dropout = 0, dropPath = 0 } = options;
  const noise = [dropout > 0 ? `dropout ${dropout}` : [], dropPath > 0 ? `drop path ${dropPath}` : []].flat();

  return checkedModel<VisionTransformerParams, null>({
    init: (key, [height, width, channels]) => {
      if (height % patch !== 0 || width % patch !== 0)
        throw new Error(
          `Images must be whole patches of ${patch} pixels a side, got ${height}×${width}: resize them, or take another patch.`,
        );
      const [patchKey, positionKey, blocksKey, denseKey] = split(key, 4) as [Key, Key, Key, Key];
      const tokens = 1 + (height / patch) * (width / patch);
      return {
        params: {
          patches: initPatchEmbedding(patchKey, patch, channels, features),
          token: tf.zeros<tf.Rank.R3>([1, 1, features]),
          positions: tf.tidy(() => tf.mul(normal<tf.Rank.R3>(positionKey, [1, tokens, features]), 0.02)),
          blocks: Array.from({ length: depth }, (_, b) => initTransformerBlock(foldIn(blocksKey, b), features)),
          norm: initLayerNorm(features),
          dense: initDense(denseKey, features, classes, xavierUniform),
        },
        state: null,
      };
    },

    apply: (params, state, images, applyOptions) => {
      const { key } = readApplyOptions(applyOptions, noise.length > 0 ? noise.join(' and ') : undefined);
      return pure(() => {
        const patches = patchEmbedding(params.patches, images);
        const [batch, count] = patches.shape;
        const places = params.positions.shape[1] - 1;
        if (count !== places)
          throw new Error(`The network has positions for ${places} patches, got images of ${count}: resize them.`);
        const token = tf.broadcastTo(params.token, [batch, 1, features]);
        const placed = tf.add<Tensor3D>(tf.concat([token, patches], 1), params.positions);
        let x = dropped(placed, { key: key && foldIn(key, depth), dropout, dropPath: 0 }, 0);
        for (const [b, block] of params.blocks.entries()) {
          const rate = depth > 1 ? (dropPath * b) / (depth - 1) : 0;
          const y = applyTransformerBlock(block, x, heads, { key: key && foldIn(key, b), dropout, dropPath: rate });
          // Freed here, not at the end, so that an evaluation holds two layers at a time.
          x.dispose();
          x = y;
        }
        const first = tf.reshape<tf.Rank.R2>(tf.slice(x, [0, 0, 0], [batch, 1, features]), [batch, features]);
        return [dense(params.dense, layerNorm(params.norm, first)), state] as const;
      });
    },
  });
}
