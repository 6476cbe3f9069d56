import type { Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Says how a network is applied. */
export type ApplyOptions = {
  /** True normalizes by the statistics of the batch, updates the running ones and draws noise (dropout, drop path);
   * false uses the running ones. */
  readonly training: boolean;
  /** Draws the noise: the same key gives the same noise, so both passes of SAM see one network. Needed in training of a
   * network that has any, only. */
  readonly key?: Key;
  /**
   * Which statistics normalize in training: `batch` takes those of the batch and updates the running ones, `running`
   * takes the running ones and leaves them (see `frozenStatistics`). Evaluation always takes the running ones.
   *
   * @defaultValue 'batch'
   */
  readonly statistics?: 'batch' | 'running';
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
