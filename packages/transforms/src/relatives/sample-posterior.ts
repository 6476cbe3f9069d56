import { shown } from '@steppe/check';
import { foldIn, isKey, type Key, normal } from '@steppe/random';
import { fillLike, map2, plus, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Draws weights from a normal posterior with independent entries: w + z/√λ, z normal, λ the precision (1/variance) of
 * each weight.
 *
 * `bsam` keeps such a precision in its state and has the weights themselves as the mean: predictions that are averaged
 * over some draws say how sure they are.
 *
 * @param mean - The mean of each weight, any tree.
 * @param precision - The precision of each weight, of the same structure, positive.
 * @param key - The random key: another draw needs another one.
 * @throws When the key is none, or the trees differ, with the path of the odd leaf.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { bsam, chain, samplePosterior, scale } from '@steppe/transforms';
 * import { key, split } from '@steppe/random';
 *
 * const optimizer = chain(bsam(0.01, { examples: 50_000 }), scale(-0.5));
 * const w = tf.tensor1d([1, -2]);
 * const [{ precision }] = optimizer.init(w); // and what `update` gives, after training
 * const draws = split(key(0), 1000).map((each) => samplePosterior(w, precision, each));
 * const { mean, variance } = tf.moments(tf.stack(draws), 0);
 * console.log([...mean.dataSync()].map((x) => x.toFixed(2))); // => [ '1.00', '-2.00' ]
 * console.log([...variance.dataSync()].every((x) => Math.abs(x * 50_000 - 1) < 0.2)); // => true
 * ```
 */
export function samplePosterior<P extends Tree>(mean: P, precision: Tree, key: Key): P {
  if (!isKey(key))
    throw new Error(`key must be a random key, as key(0) of @steppe/random makes it, got ${shown(key)}.`);
  return pure(() => {
    const noise = fillLike(mean, (shape, i) => normal(foldIn(key, i), shape));
    return plus(
      mean,
      map2(noise, precision, (z, each) => tf.mul(z, tf.rsqrt(each))),
    );
  });
}
