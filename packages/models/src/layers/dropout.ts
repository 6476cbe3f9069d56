import { belowOne, checkNumber } from '@steppe/check';
import { bernoulli, type Key } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkKey, checkTensor } from '../checks.ts';

/**
 * Zeroes entries at random and scales up the rest: x · mask / (1 - rate), so that the expectation stays x.
 *
 * @param key - The same key gives the same mask, on every backend; so both passes of SAM see one network.
 * @param rate - The probability that an entry becomes zero, 0 ≤ rate < 1.
 * @throws When `rate` is outside of [0, 1).
 * @see Srivastava et al., Dropout (2014); between the convolutions of a block: Zagoruyko and Komodakis (2016), section
 * 2.4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { dropout } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const values = new Set(dropout(key(0), 0.5, tf.ones([100])).dataSync());
 * console.log([...values].sort()); // => [ 0, 2 ]
 * ```
 */
export function dropout<R extends Rank>(key: Key, rate: number, x: Tensor<R>): Tensor<R> {
  checkKey(key);
  checkNumber('The rate of dropout', rate, belowOne);
  checkTensor('x', x);
  const keep = 1 - rate;
  return pure(() => (rate === 0 ? x : tf.mul(x, tf.div(bernoulli<R>(key, keep, x.shape), keep))));
}
