import { belowOne, checkNumber } from '@steppe/check';
import { bernoulli, type Key } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkKey, checkTensor } from '../checks.ts';

/**
 * Leaves out a residual branch for some examples of a batch, and scales it up for the others: x · keep / (1 - rate), with
 * keep 0 or 1 for each example, so that the expectation stays x. Also called stochastic depth and drop connect.
 *
 * @param key - The same key leaves out the same examples, on every backend; so both passes of SAM see one network.
 * @param rate - The probability that an example is left out, 0 ≤ rate < 1.
 * @param x - What the branch gives, `[batch, ...]`, before the shortcut is added.
 * @throws When `rate` is outside of [0, 1).
 * @see Huang et al., Deep networks with stochastic depth (2016), equation 2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { dropPath } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const rows = dropPath(key(0), 0.5, tf.ones([100, 3])).arraySync() as number[][];
 * console.log(new Set(rows.map(String)).size, rows.flat().every((x) => x === 0 || x === 2)); // => 2 true
 * ```
 */
export function dropPath<T extends Tensor>(key: Key, rate: number, x: T): T {
  checkKey(key);
  checkNumber('The rate of dropPath', rate, belowOne);
  checkTensor('x', x);
  const keep = 1 - rate;
  return pure(() => {
    if (rate === 0) return x;
    const mask = bernoulli(key, keep, [x.shape[0] ?? 1, ...x.shape.slice(1).map(() => 1)]);
    return tf.mul<T>(x, tf.div(mask, keep));
  });
}
