import { checkFunction, checkOptions } from '@steppe/check';
import { pure, type Tree } from '@steppe/tree';
import { type CaptureOptions, replaying } from './replaying.ts';

/** A function that replays where it can. */
export type Replayed<Args extends readonly Tree[], Result extends Tree> = ((...args: Args) => Result) & {
  /** Sees once more whether all replays were right. @throws When they may not have been. */
  readonly finish: () => Promise<void>;
  /** Frees the memory of the recordings; a later call begins anew. */
  readonly dispose: () => void;
};

const told = {
  slow: 'Calls of a replayed function run kernel by kernel',
  results: 'results of a replayed function',
  remedy: 'Give it what changes as an argument, or call it as it is.',
};

/**
 * Makes a function of tensors that is recorded once and replayed by one call where the backend can, which `native` does,
 * bit by bit as it is: the measure of an evaluation that comes again and again.
 *
 * It must be a function of its arguments alone: weights that move are one of them, and what it does beside its result is
 * done while it is recorded only. On other backends, and where something in it cannot be replayed, which is told once, it
 * runs as it is. Nothing passed in is freed; what it returns is the caller's. Call `finish` before the last results are
 * used, and `dispose` after them.
 *
 * @param options - `warn`, as for the `capture` of `train`.
 * @throws When f is no function. At a call what f throws, and, as `finish` does, when replays may have been wrong.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { evaluate, replayed } from '@steppe/train';
 *
 * const measure = replayed((w: tf.Tensor, x: tf.Tensor) => ({ loss: tf.mean<tf.Scalar>(tf.square(tf.sub(w, x))) }));
 * const losses: (number | undefined)[] = [];
 * for (const w of [tf.scalar(0), tf.scalar(1)]) {
 *   const { loss } = await evaluate((x: tf.Tensor) => measure(w, x), [tf.tensor1d([1, 3]), tf.tensor1d([2, 2])]);
 *   losses.push(loss);
 * }
 * await measure.finish();
 * measure.dispose();
 * console.log(losses); // => [ 4.5, 1.5 ]
 * ```
 */
export function replayed<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  options: CaptureOptions = {},
): Replayed<Args, Result> {
  checkFunction('f', f);
  checkOptions('replayed', options, { warn: checkFunction });
  const { call, finish, dispose } = replaying((...args: Args) => pure(() => f(...args)), told, options);
  return Object.assign((...args: Args): Result => call(...args), { finish, dispose });
}
