import { type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { shakeBranches } from '../layers/shake.ts';
import { there } from './stages.ts';

/** Holds two normalized convolutions of 3 × 3. */
export type BranchParams = {
  readonly conv1: ConvParams;
  readonly norm1: NormParams;
  readonly conv2: ConvParams;
  readonly norm2: NormParams;
};

/** Holds the running statistics of a branch. */
export type BranchState = { readonly norm1: NormState; readonly norm2: NormState };

/** Holds the parameters of a block: two branches, and two paths of the shortcut where the channels change. */
export type ShakeParams = {
  readonly branches: readonly [BranchParams, BranchParams];
  readonly shortcut?: { readonly conv: ConvParams; readonly shifted: ConvParams; readonly norm: NormParams };
};

/** Holds the running statistics of a block. */
export type ShakeState = {
  readonly branches: readonly [BranchState, BranchState];
  readonly shortcut?: { readonly norm: NormState };
};

function initBranch(key: Key, before: number, channels: number): { params: BranchParams; state: BranchState } {
  const [key1, key2] = split(key);
  const [norm1, norm2] = [initBatchNorm(channels), initBatchNorm(channels)];
  return {
    params: {
      conv1: initConv(key1, 3, before, channels),
      norm1: norm1.params,
      conv2: initConv(key2, 3, channels, channels),
      norm2: norm2.params,
    },
    state: { norm1: norm1.state, norm2: norm2.state },
  };
}

/** Draws the parameters and the state of a block. */
export function initShake(
  key: Key,
  before: number,
  channels: number,
): { readonly params: ShakeParams; readonly state: ShakeState } {
  const [key1, key2, nearKey, shiftedKey] = split(key, 4) as [Key, Key, Key, Key];
  const [a, b] = [initBranch(key1, before, channels), initBranch(key2, before, channels)];
  const norm = before === channels ? undefined : initBatchNorm(channels);
  return {
    params: {
      branches: [a.params, b.params],
      ...(norm && {
        shortcut: {
          conv: initConv(nearKey, 1, before, channels / 2),
          shifted: initConv(shiftedKey, 1, before, channels / 2),
          norm: norm.params,
        },
      }),
    },
    state: { branches: [a.state, b.state], ...(norm && { shortcut: { norm: norm.state } }) },
  };
}

/** Says how a block is applied: shaken where there is a key, else as the mean of its branches. */
type ShakeOptions = { readonly training: boolean; readonly stride: number; readonly key: Key | undefined };

function applyBranch(params: BranchParams, state: BranchState, x: Tensor4D, { training, stride }: ShakeOptions) {
  const [h, norm1] = batchNorm(params.norm1, state.norm1, conv(params.conv1, x, stride), { training, relu: true });
  const [y, norm2] = batchNorm(params.norm2, state.norm2, conv(params.conv2, h), { training });
  return [y, { norm1, norm2 }] as const;
}

/** The image one pixel up and to the left, with zeros where nothing is. */
const shift = (x: Tensor4D): Tensor4D => {
  const [, height, width] = x.shape;
  return tf.pad(tf.slice(x, [0, 1, 1, 0], [-1, height - 1, width - 1, -1]), [
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 0],
  ]);
};

/**
 * Applies a block: shortcut(x) + α·a(relu(x)) + (1 - α)·b(relu(x)).
 *
 * @see Gastaldi, Shake-Shake regularization (2017), sections 1.1 and 2.1; the shortcut as in the SAM paper's code.
 */
export function applyShake(
  params: ShakeParams,
  state: ShakeState,
  x: Tensor4D,
  options: ShakeOptions,
): readonly [Tensor4D, ShakeState] {
  const { training, stride, key } = options;
  const { branches, shortcut } = params;
  return pure(() => {
    const h = tf.relu(x);
    const [a, first] = applyBranch(branches[0], state.branches[0], h, options);
    const [b, second] = applyBranch(branches[1], state.branches[1], h, options);
    const mixed = key ? shakeBranches(key, a, b) : tf.mul(tf.add(a, b), 0.5);
    const next = [first, second] as const;
    if (shortcut === undefined) return [tf.add(x, mixed), { branches: next }] as const;
    const paths = tf.concat([conv(shortcut.conv, x, stride), conv(shortcut.shifted, shift(x), stride)], 3);
    const [kept, norm] = batchNorm(shortcut.norm, there(state.shortcut, '.shortcut').norm, paths, { training });
    return [tf.add(kept, mixed), { branches: next, shortcut: { norm } }] as const;
  });
}
