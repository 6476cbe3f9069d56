import { aNumber, belowOne, checkNumber, checkOneOf, checkOptions, count } from '@steppe/check';
import { foldIn, type Key, split } from '@steppe/random';
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
import { initMlpBlock, type MlpBlockParams, mlpBlock, type Noise, withoutPath } from './transformer-block.ts';

/** Holds the parameters of a block: one pair of dense layers along the tokens, one along the features. */
export type MixerBlockParams = {
  readonly norm1: NormParams;
  readonly tokens: MlpBlockParams;
  readonly norm2: NormParams;
  readonly channels: MlpBlockParams;
};

/** Holds the parameters of an MLP-Mixer; `.blocks[0].tokens.expand.kernel` is a path in it. */
export type MlpMixerParams = {
  readonly patches: PatchEmbeddingParams;
  readonly blocks: readonly MixerBlockParams[];
  readonly norm: NormParams;
  readonly dense: DenseParams;
};

/** An MLP-Mixer as two pure functions; it has no running statistics. */
export type MlpMixer = Model<MlpMixerParams, null>;

/** The size of a mixer: features of a token, blocks, and the inner features of both pairs of dense layers. */
export type MixerSize = Record<'features' | 'depth' | 'tokenFeatures' | 'channelFeatures', number>;

/** Says which MLP-Mixer. */
export type MlpMixerOptions = {
  /** One of the published ones, or a size of your own. */
  readonly variant: 'small' | 'base' | 'large' | Readonly<MixerSize>;
  /**
   * The side of a patch in pixels.
   *
   * @defaultValue 16
   */
  readonly patch?: number;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The probability that an example goes without a branch of the last block; blocks before it have proportionally less,
   * the first none.
   *
   * @defaultValue 0
   */
  readonly dropPath?: number;
};

const sizes: Readonly<Record<'small' | 'base' | 'large', Readonly<MixerSize>>> = {
  small: { features: 512, depth: 8, tokenFeatures: 256, channelFeatures: 2048 },
  base: { features: 768, depth: 12, tokenFeatures: 384, channelFeatures: 3072 },
  large: { features: 1024, depth: 24, tokenFeatures: 512, channelFeatures: 4096 },
};

/** Checks the options, and finds the size. */
export function readMixerOptions(name: string, options: MlpMixerOptions): Readonly<MixerSize> {
  const whole = aNumber(count);
  checkOptions(name, options, { variant: () => {}, patch: whole, classes: whole, dropPath: aNumber(belowOne) });
  checkNumber('classes', options.classes, count);
  const { variant } = options;
  if (typeof variant !== 'object' || variant === null) {
    checkOneOf('variant', variant, Object.keys(sizes));
    return sizes[variant];
  }
  const parts = Object.keys(sizes.small) as (keyof MixerSize)[];
  checkOptions('variant', variant, parts);
  for (const part of parts) checkNumber(part, variant[part], count);
  return variant;
}

/** Applies a block: x + (mlp of norm₁(x)ᵀ)ᵀ = y, then y + mlp(norm₂(y)). */
function applyBlock(params: MixerBlockParams, x: Tensor3D, noise: Noise): Tensor3D {
  return pure(() => {
    const columns = tf.transpose(layerNorm(params.norm1, x), [0, 2, 1]);
    const mixed = tf.transpose(mlpBlock(params.tokens, columns, noise, 0), [0, 2, 1]);
    const y = tf.add<Tensor3D>(x, withoutPath(mixed, noise, 2));
    return tf.add<Tensor3D>(y, withoutPath(mlpBlock(params.channels, layerNorm(params.norm2, y), noise, 3), noise, 5));
  });
}

/**
 * Makes an MLP-Mixer: patches of the image as tokens, blocks of dense layers along the tokens and along the features in
 * turn, a mean over the tokens and a dense layer.
 *
 * Counts are the published ones at 224 pixels, patch 16 and 1000 classes: small 18.5 M, base 59,880,472, large 208.2 M.
 * Images have the size that `init` was given.
 *
 * @throws When an option is out of its range or unknown; when images are no whole patches; when applied in training with
 * drop path but without a key.
 * @see Tolstikhin et al., MLP-Mixer (2021), table 1 (arXiv:2105.01601).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { mlpMixer } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const variant = { features: 16, depth: 2, tokenFeatures: 8, channelFeatures: 32 };
 * const model = mlpMixer({ variant, patch: 4, classes: 10 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * console.log(model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: true })[0].shape); // => [ 2, 10 ]
 * ```
 */
export function mlpMixer(options: MlpMixerOptions): MlpMixer {
  const { features, depth, tokenFeatures, channelFeatures } = readMixerOptions('mlpMixer', options);
  const { patch = 16, classes, dropPath = 0 } = options;

  return checkedModel<MlpMixerParams, null>({
    init: (key, [height, width, channels]) => {
      if (height % patch !== 0 || width % patch !== 0)
        throw new Error(
          `Images must be whole patches of ${patch} pixels a side, got ${height}×${width}: resize them, or take another patch.`,
        );
      const [patchKey, blocksKey, denseKey] = split(key, 3);
      const tokens = (height / patch) * (width / patch);
      const block = (of: Key): MixerBlockParams => {
        const [tokenKey, channelKey] = split(of);
        return {
          norm1: initLayerNorm(features),
          tokens: initMlpBlock(tokenKey, tokens, tokenFeatures),
          norm2: initLayerNorm(features),
          channels: initMlpBlock(channelKey, features, channelFeatures),
        };
      };
      return {
        params: {
          patches: initPatchEmbedding(patchKey, patch, channels, features),
          blocks: Array.from({ length: depth }, (_, b) => block(foldIn(blocksKey, b))),
          norm: initLayerNorm(features),
          dense: initDense(denseKey, features, classes, xavierUniform),
        },
        state: null,
      };
    },

    apply: (params, state, images, applyOptions) => {
      const { key } = readApplyOptions(applyOptions, dropPath > 0 ? `drop path ${dropPath}` : undefined);
      return pure(() => {
        let x = patchEmbedding(params.patches, images);
        for (const [b, block] of params.blocks.entries()) {
          const rate = depth > 1 ? (dropPath * b) / (depth - 1) : 0;
          const y = applyBlock(block, x, { key: key && foldIn(key, b), dropout: 0, dropPath: rate });
          // Freed here, not at the end, so that an evaluation holds two layers at a time.
          x.dispose();
          x = y;
        }
        const mean = tf.mean<tf.Tensor2D>(layerNorm(params.norm, x), 1);
        return [dense(params.dense, mean), state] as const;
      });
    },
  });
}
