import { checkFunction, checkNumber, checkOptions, type Rule } from '@steppe/check';
import { map, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Wanted } from '../operators/operator.ts';

/** What is rounded. */
export type QuantizeOptions = {
  /** Chooses the leaves that are rounded. @defaultValue all */
  readonly wanted?: Wanted | undefined;
};

/** One bit has the level 0 alone, and float32 holds no more than 24. */
export const bitCount: Rule = ['a whole number from 2 to 24', (b) => Number.isInteger(b) && b >= 2 && b <= 24];

/**
 * Rounds weights to b bits, each tensor by its own step: w ← Δ·round(w/Δ), Δ = max|w| / (2^(b-1) - 1), which is
 * symmetric quantization per tensor.
 *
 * Zero stays zero and the largest weight stays as it is. The result is float32 that holds 2^b - 1 levels. What networks
 * store besides, such as the running statistics of batch normalization, is no parameter and stays.
 *
 * @param params - w, any tree; it is not changed.
 * @param bits - b, from 2 to 24.
 * @returns The rounded weights, yours to free.
 * @throws When b is out of range.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { quantize } from '@steppe/sharpness';
 *
 * const w = tf.tensor1d([-1, -0.4, 0, 0.6, 0.1]);
 * console.log([...quantize(w, 2).dataSync()].map((x) => x + 0)); // => [ -1, 0, 0, 1, 0 ]
 * ```
 */
export function quantize<P extends Tree>(params: P, bits: number, options: QuantizeOptions = {}): P {
  checkNumber('bits', bits, bitCount);
  checkOptions('quantize', options, { wanted: checkFunction });
  const { wanted = () => true } = options;
  const levels = 2 ** (bits - 1) - 1;
  return pure(() =>
    map(params, (w, path) => {
      if (w.size === 0 || w.dtype !== 'float32' || !wanted(path, w)) return w;
      const most = tf.max(tf.abs(w));
      // By the ratio to the largest, so that neither Δ nor its inverse leaves float32.
      const part = tf.div(w, tf.where(tf.greater(most, 0), most, tf.onesLike(most)));
      return tf.mul(tf.div(tf.round(tf.mul(part, levels)), levels), most);
    }),
  );
}
