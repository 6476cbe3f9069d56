import { type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Activation, activate } from '../layers/activation.ts';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { dropout } from '../layers/dropout.ts';

/** Holds the parameters of a block: two normalized convolutions, and a 1×1 convolution on the shortcut where the
 * channels change. */
export type BlockParams = {
  readonly norm1: NormParams;
  readonly conv1: ConvParams;
  readonly norm2: NormParams;
  readonly conv2: ConvParams;
  readonly shortcut?: ConvParams;
};

/** Holds the running statistics of a block. */
export type BlockState = { readonly norm1: NormState; readonly norm2: NormState };

/** Says how a block is applied; without `dropout` nothing is dropped out. */
export type BlockOptions = {
  readonly training: boolean;
  readonly stride: number;
  readonly activation: Activation;
  readonly dropout?: { readonly key: Key; readonly rate: number };
};

/** Draws the parameters and the state of a block. */
export function initBlock(
  key: Key,
  inChannels: number,
  outChannels: number,
): { readonly params: BlockParams; readonly state: BlockState } {
  const [key1, key2, shortcutKey] = split(key, 3);
  const norm1 = initBatchNorm(inChannels);
  const norm2 = initBatchNorm(outChannels);
  return {
    params: {
      norm1: norm1.params,
      conv1: initConv(key1, 3, inChannels, outChannels),
      norm2: norm2.params,
      conv2: initConv(key2, 3, outChannels, outChannels),
      ...(inChannels === outChannels ? {} : { shortcut: initConv(shortcutKey, 1, inChannels, outChannels) }),
    },
    state: { norm1: norm1.state, norm2: norm2.state },
  };
}

/** Normalizes, then applies the nonlinearity: relu as a part of the normalization. */
export function normActivate<T extends Tensor>(
  params: NormParams,
  state: NormState,
  x: T,
  { training, activation }: Pick<BlockOptions, 'training' | 'activation'>,
): readonly [T, NormState] {
  if (activation === 'relu') return batchNorm(params, state, x, { training, relu: true });
  const [normed, next] = batchNorm(params, state, x, { training });
  return [activate(activation, normed), next];
}

/**
 * Applies a block: x + conv₂(a(norm₂(conv₁(h)))) with h = a(norm₁(x)); where the channels change, shortcut(h) stands
 * for x.
 *
 * @see Zagoruyko and Komodakis, Wide residual networks (2016), figure 1 (c, d); models/wide-resnet.lua of their code.
 */
export function applyBlock(
  params: BlockParams,
  state: BlockState,
  x: Tensor4D,
  options: BlockOptions,
): readonly [Tensor4D, BlockState] {
  const { stride, dropout: drop } = options;
  return pure(() => {
    const [h, norm1] = normActivate(params.norm1, state.norm1, x, options);
    const [inner, norm2] = normActivate(params.norm2, state.norm2, conv(params.conv1, h, stride), options);
    const branch = conv(params.conv2, drop === undefined ? inner : dropout(drop.key, drop.rate, inner));
    const shortcut = params.shortcut === undefined ? x : conv(params.shortcut, h, stride);
    return [tf.add(shortcut, branch), { norm1, norm2 }] as const;
  });
}
