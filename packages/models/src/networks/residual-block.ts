import { type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { padChannels } from '../layers/pad-channels.ts';
import { there } from './stages.ts';

/**
 * Holds the parameters of a residual block: two normalized convolutions of 3 × 3, or in a bottleneck three, of 1 × 1,
 * 3 × 3 and 1 × 1; and a projection where the shape changes, if shortcuts are learned.
 */
export type ResidualParams = {
  readonly conv1: ConvParams;
  readonly norm1: NormParams;
  readonly conv2: ConvParams;
  readonly norm2: NormParams;
  readonly conv3?: ConvParams;
  readonly norm3?: NormParams;
  readonly shortcut?: { readonly conv: ConvParams; readonly norm: NormParams };
};

/** Holds the running statistics of a residual block. */
export type ResidualState = {
  readonly norm1: NormState;
  readonly norm2: NormState;
  readonly norm3?: NormState;
  readonly shortcut?: { readonly norm: NormState };
};

/** Says which residual block. */
export type ResidualOptions = {
  readonly before: number;
  /** The channels inside; four times as many leave a bottleneck. */
  readonly channels: number;
  readonly bottleneck: boolean;
  /** Whether there is a projection. */
  readonly projected: boolean;
  /** The first scale of the last normalization. */
  readonly lastScale: number;
};

/** How many times as many channels leave a bottleneck as are inside. */
export const expansion = 4;

/** Draws the parameters and the state of a block. */
export function initResidual(
  key: Key,
  { before, channels, bottleneck, projected, lastScale }: ResidualOptions,
): { readonly params: ResidualParams; readonly state: ResidualState } {
  const [key1, key2, key3, shortcutKey] = split(key, 4) as [Key, Key, Key, Key];
  const out = bottleneck ? expansion * channels : channels;
  const norm1 = initBatchNorm(channels);
  const norm2 = initBatchNorm(channels, bottleneck ? 1 : lastScale);
  const norm3 = bottleneck ? initBatchNorm(out, lastScale) : undefined;
  const norm = projected ? initBatchNorm(out) : undefined;
  return {
    params: {
      conv1: initConv(key1, bottleneck ? 1 : 3, before, channels),
      norm1: norm1.params,
      conv2: initConv(key2, 3, channels, channels),
      norm2: norm2.params,
      ...(norm3 && { conv3: initConv(key3, 1, channels, out), norm3: norm3.params }),
      ...(norm && { shortcut: { conv: initConv(shortcutKey, 1, before, out), norm: norm.params } }),
    },
    state: {
      norm1: norm1.state,
      norm2: norm2.state,
      ...(norm3 && { norm3: norm3.state }),
      ...(norm && { shortcut: { norm: norm.state } }),
    },
  };
}

/**
 * Applies a block: relu(shortcut(x) + norm(conv(... relu(norm(conv(x)))))). A stride stands at the first convolution of
 * 3 × 3, and where nothing is learned on the shortcut, it takes every other pixel and appends channels of zeros.
 */
export function applyResidual(
  params: ResidualParams,
  state: ResidualState,
  x: Tensor4D,
  { training, stride }: { readonly training: boolean; readonly stride: number },
): readonly [Tensor4D, ResidualState] {
  const { conv1, conv2, conv3, shortcut } = params;
  return pure(() => {
    const first = conv(conv1, x, conv3 ? 1 : stride);
    const [h1, norm1] = batchNorm(params.norm1, state.norm1, first, { training, relu: true });
    const second = conv(conv2, h1, conv3 ? stride : 1);
    const [h2, norm2] = batchNorm(params.norm2, state.norm2, second, { training, relu: conv3 !== undefined });
    const [branch, norm3] =
      conv3 && params.norm3
        ? batchNorm(params.norm3, there(state.norm3, '.norm3'), conv(conv3, h2), { training })
        : [h2];
    const projected =
      shortcut &&
      batchNorm(shortcut.norm, there(state.shortcut, '.shortcut').norm, conv(shortcut.conv, x, stride), { training });
    const [kept, norm] = projected ?? [padChannels(everyOther(x, stride), branch.shape[3])];
    const next = { norm1, norm2, ...(norm3 && { norm3 }), ...(norm && { shortcut: { norm } }) };
    return [tf.relu(tf.add(kept, branch)), next] as const;
  });
}

/** The pixels under a kernel of one pixel that moves by `stride`. */
const everyOther = (x: Tensor4D, stride: number): Tensor4D => (stride === 1 ? x : tf.avgPool(x, 1, stride, 'valid'));
