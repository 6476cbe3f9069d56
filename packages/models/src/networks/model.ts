import type { Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Says how a network is applied. */
export type ApplyOptions = {
  /** True normalizes by the statistics of the batch, updates the running ones and drops out; false uses the running
   * ones. */
  readonly training: boolean;
  /** Draws the dropout masks: the same key gives the same masks, so both passes of SAM see one network. Needed in
   * training with dropout only. */
  readonly key?: Key;
};

/**
 * Describes an image classifier as two pure functions, which is all that a training loop needs to know of it.
 *
 * Nothing passed in is freed; everything returned is the caller's. `params` are learned, `state` (running statistics)
 * is carried along.
 */
export type Model<Params extends Tree, State extends Tree> = {
  /**
   * Draws fresh parameters and the state before training.
   *
   * @param inputShape - `[height, width, channels]` of one image.
   */
  readonly init: (
    key: Key,
    inputShape: readonly [height: number, width: number, channels: number],
  ) => { readonly params: Params; readonly state: State };
  /**
   * Maps images `[batch, height, width, channels]` to logits `[batch, classes]` and the next state.
   */
  readonly apply: (
    params: Params,
    state: State,
    images: Tensor4D,
    options: ApplyOptions,
  ) => readonly [logits: Tensor2D, state: State];
};
