import { type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { padChannels } from '../layers/pad-channels.ts';
import { shakeDrop } from '../layers/shake.ts';
import { expansion } from './residual-block.ts';
import { there } from './stages.ts';

/** Holds the parameters of a block: two convolutions of 3 × 3, or in a bottleneck three, of 1 × 1, 3 × 3 and 1 × 1, with
 * a normalization before and after each. */
export type PyramidParams = {
  readonly norm1: NormParams;
  readonly conv1: ConvParams;
  readonly norm2: NormParams;
  readonly conv2: ConvParams;
  readonly norm3: NormParams;
  readonly conv3?: ConvParams;
  readonly norm4?: NormParams;
};

/** Holds the running statistics of a block. */
export type PyramidState = {
  readonly norm1: NormState;
  readonly norm2: NormState;
  readonly norm3: NormState;
  readonly norm4?: NormState;
};

/** Draws the parameters and the state of a block. */
export function initPyramid(
  key: Key,
  before: number,
  channels: number,
  bottleneck: boolean,
): { readonly params: PyramidParams; readonly state: PyramidState } {
  const [key1, key2, key3] = split(key, 3);
  const [norm1, norm2, norm3] = [initBatchNorm(before), initBatchNorm(channels), initBatchNorm(channels)];
  const norm4 = bottleneck ? initBatchNorm(expansion * channels) : undefined;
  return {
    params: {
      norm1: norm1.params,
      conv1: initConv(key1, bottleneck ? 1 : 3, before, channels),
      norm2: norm2.params,
      conv2: initConv(key2, 3, channels, channels),
      norm3: norm3.params,
      ...(norm4 && { conv3: initConv(key3, 1, channels, expansion * channels), norm4: norm4.params }),
    },
    state: {
      norm1: norm1.state,
      norm2: norm2.state,
      norm3: norm3.state,
      ...(norm4 && { norm4: norm4.state }),
    },
  };
}

/** Says how a block is applied; `keep` is the probability of its branch, of which it draws with a key. */
type PyramidOptions = {
  readonly training: boolean;
  readonly stride: number;
  readonly keep: number;
  readonly key: Key | undefined;
};

/** The image with its last row and column twice where their number is odd: windows of 2 × 2 then average what there is.
 * TensorFlow.js's own gradient of a pool that reaches over the border is wrong. */
function even(x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape;
  const tall = height % 2 === 0 ? x : tf.concat([x, tf.slice(x, [0, height - 1, 0, 0])], 1);
  return width % 2 === 0 ? tall : tf.concat([tall, tf.slice(tall, [0, 0, width - 1, 0])], 2);
}

/**
 * Applies a block: shortcut(x) + norm(conv(relu(norm(conv(norm(x)))))). The shortcut has no parameters: with a stride it
 * averages squares of 2 × 2, and it appends channels of zeros.
 *
 * @see Han et al., Deep pyramidal residual networks (2017), figure 6 (d).
 */
export function applyPyramid(
  params: PyramidParams,
  state: PyramidState,
  x: Tensor4D,
  { training, stride, keep, key }: PyramidOptions,
): readonly [Tensor4D, PyramidState] {
  const { conv3, norm4: last } = params;
  return pure(() => {
    const [h1, norm1] = batchNorm(params.norm1, state.norm1, x, { training });
    const first = conv(params.conv1, h1, conv3 ? 1 : stride);
    const [h2, norm2] = batchNorm(params.norm2, state.norm2, first, { training, relu: true });
    const second = conv(params.conv2, h2, conv3 ? stride : 1);
    const [h3, norm3] = batchNorm(params.norm3, state.norm3, second, { training, relu: conv3 !== undefined });
    const [branch, norm4] =
      conv3 && last ? batchNorm(last, there(state.norm4, '.norm4'), conv(conv3, h3), { training }) : [h3];
    const kept = key ? shakeDrop(key, keep, branch) : keep === 1 ? branch : tf.mul(branch, keep);
    const shortcut = stride === 1 ? x : tf.avgPool(even(x), stride, stride, 'valid');
    const y = tf.add(padChannels(shortcut, branch.shape[3]), kept);
    return [y as Tensor4D, { norm1, norm2, norm3, ...(norm4 && { norm4 }) }] as const;
  });
}
