import { backend, type Tensor } from '@tensorflow/tfjs-core';
import type { Callback } from './callback.ts';

/** A function of trees of tensors that replays recordings of another one. */
export type Captured<Args extends readonly unknown[], Result> = ((...args: Args) => Result) & {
  /** How many combinations of structure, shapes, types and plain values have been recorded so far. */
  readonly recordings: number;
  /** How many calls were replays so far. */
  readonly replays: number;
  /** Looks now whether the function still does what was recorded, wherever a replay since the last look may be wrong. */
  readonly check: () => void;
  /** Frees the memory of the recordings; a later call begins anew. */
  readonly dispose: () => void;
};

/** When a function is recorded, and how recordings are replayed. */
export type CaptureOptions = {
  /** Whether calls that follow each other on the same memory are made as one. The bits are the same; without it every
   * kernel is called as it was recorded. @defaultValue true */
  readonly fuse?: boolean;
  /**
   * How many calls of a combination of structure, shapes, types and plain values are made as they are before it is
   * recorded. With 0 the first call is made by its own recording already, which is held against a second one at the
   * next call; so is a combination that comes later, once the recording before it was used again.
   *
   * @defaultValue 1
   */
  readonly warmup?: 0 | 1;
};

/** A tfjs backend that records what a function computes and replays it: `native` is one. */
export type CapturingBackend = {
  capture<Args extends readonly unknown[], Result>(
    f: (...args: Args) => Result,
    options?: CaptureOptions,
  ): Captured<Args, Result>;
  /** Records a callback, and gives what stands for its results; `undefined` where nothing is recorded. */
  callback?(callback: Callback): readonly Tensor[] | undefined;
};

/**
 * Finds the current backend's way to record and replay a function; `undefined` where it has none.
 *
 * @example
 * ```ts
 * import { capturingBackend } from '@steppe/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await tf.setBackend('cpu');
 * console.log(capturingBackend()); // => undefined
 * ```
 */
export function capturingBackend(): CapturingBackend | undefined {
  const current: object = backend();
  return canCapture(current) ? current : undefined;
}

function canCapture(current: object): current is CapturingBackend {
  return 'capture' in current && typeof current.capture === 'function';
}
