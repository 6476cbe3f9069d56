import { foldIn, type Key, normal } from '@steppe/random';
import { map, pure, type Tree } from '@steppe/tree';
import { aKey } from '../spectrum/estimate.ts';
import { type FilterOptions, filterNormalized } from './filter-normalized.ts';

/**
 * Draws a direction to look at the loss along: standard normal entries, rescaled filter by filter to the weights.
 *
 * Two of them are nearly orthogonal in many dimensions, so two keys give the axes of a plane.
 *
 * @param key - The same key gives the same direction on every backend.
 * @param options - As for `filterNormalized`.
 * @returns A new tree like `params`.
 * @see Li et al., Visualizing the Loss Landscape of Neural Nets, 2018, section 4 (arXiv 1712.09913).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { key } from '@steppe/random';
 * import { randomDirection } from '@steppe/sharpness';
 *
 * const params = { kernel: tf.fill([3, 2], 2), bias: tf.ones([2]) };
 * const { kernel, bias } = randomDirection(key(0), params);
 * // As long as the filters, each [2, 2, 2].
 * const lengths = tf.norm(kernel, 'euclidean', 0).dataSync();
 * console.log(Array.from(lengths, (length) => length.toFixed(3)), bias.arraySync()); // => [ '3.464', '3.464' ] [ 0, 0 ]
 * ```
 */
export function randomDirection<P extends Tree>(key: Key, params: P, options: FilterOptions = {}): P {
  aKey('key', key);
  return pure(() => {
    let leaf = 0;
    const drawn = map(params, ({ shape }) => normal(foldIn(key, leaf++), shape));
    return filterNormalized(drawn, params, options);
  });
}
