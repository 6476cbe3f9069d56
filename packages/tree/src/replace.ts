import { dispose, pure } from './ownership.ts';
import type { Tree } from './tree.ts';

/**
 * Replaces a tree by what a function makes of it, and frees the old one: one turn of a loop that leaves nothing behind.
 *
 * A loop carries what it needs from turn to turn, such as parameters and the optimizer's state, as one tree. What `f`
 * makes on the way is freed as by `pure`, and so is `previous`; a tensor of it that `f` passes on lives on in the
 * result. To keep the tree that a loop starts from, start it from a `clone`.
 *
 * @param previous - The tree so far, which is given away.
 * @param f - Makes the next tree; it is synchronous, and frees nothing itself.
 * @throws When `f` does; then nothing that it made is left, and `previous` is still there.
 * @see The donated arguments of jax.jit, and the carry of jax.lax.scan.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { replace } from '@steppe/tree';
 *
 * let carry = { x: tf.scalar(1), factor: tf.scalar(2) };
 * const before = tf.memory().numTensors;
 * for (let i = 0; i < 10; i++)
 *   carry = replace(carry, ({ x, factor }) => ({ x: tf.mul(tf.abs(tf.neg(x)), factor), factor }));
 * console.log(carry.x.arraySync(), tf.memory().numTensors - before); // => 1024 0
 * ```
 */
export function replace<T extends Tree>(previous: T, f: (previous: T) => NoInfer<T>): T {
  const next = pure(() => f(previous));
  dispose(previous);
  return next;
}
