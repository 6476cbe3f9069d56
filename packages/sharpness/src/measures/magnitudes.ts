import { checkNumber, nonNegative } from '@steppe/check';
import { map, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Gives the size of each weight, T = |w| + η: the `scale` that makes a measure adaptive.
 *
 * With η = 0 an adaptive measure is the same for all rescalings of a network, as when one ReLU layer is multiplied by c
 * and the next divided by it; weights that are zero do not move then.
 *
 * @param eta - η ≥ 0, which lets zero weights move.
 * @returns A tree like the parameters, yours to free.
 * @throws When η is negative or not finite.
 * @see Kwon et al., ASAM, ICML 2021; Andriushchenko et al., A Modern Look at the Relationship between Sharpness and
 * Generalization, ICML 2023.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { magnitudes } from '@steppe/sharpness';
 *
 * console.log(magnitudes({ w: tf.tensor1d([3, -4]) }).w.arraySync()); // => [ 3, 4 ]
 * ```
 */
export function magnitudes<P extends Tree>(params: P, eta = 0): P {
  checkNumber('eta', eta, nonNegative);
  return pure(() => map(params, (w) => tf.add(tf.abs(w), eta)));
}
