import type { Rank, ShapeMap, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Key, told } from './key.ts';
import { normals, uniforms } from './numbers.ts';

function count(shape: readonly number[]): number {
  if (!Array.isArray(shape) || !shape.every((side) => Number.isSafeInteger(side) && side >= 0))
    throw new Error(`A shape is a list of whole numbers of at least 0, got ${told(shape)}.`);
  return shape.reduce((product, side) => product * side, 1);
}

/**
 * Draws a tensor, uniform in [low, high): drawn on the host, so it is the same on every backend.
 *
 * Values are rounded to float32, so `high` itself can come out where the interval is narrow against its ends, as in
 * [100, 101).
 *
 * @throws When the key is none, or an end is not a finite number.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { key, uniform } from '@steppe/random';
 *
 * console.log(uniform(key(0), [2, 3], -1, 1).shape); // => [ 2, 3 ]
 * ```
 */
export function uniform<R extends Rank>(key: Key, shape: ShapeMap[R], low = 0, high = 1): Tensor<R> {
  for (const end of [low, high])
    if (!Number.isFinite(end))
      throw new Error(`The ends of uniform are finite numbers, got ${told(low)} and ${told(high)}.`);
  const draws = uniforms(key, count(shape));
  const scaled = low === 0 && high === 1 ? draws : draws.map((u) => low + (high - low) * u);
  return tf.tensor(scaled, shape, 'float32');
}

/**
 * Draws a tensor, normal with mean 0 and variance 1: drawn on the host, so it is the same on every backend.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { key, normal } from '@steppe/random';
 *
 * console.log(normal(key(0), [3, 3, 16, 32]).shape); // => [ 3, 3, 16, 32 ]
 * ```
 */
export function normal<R extends Rank>(key: Key, shape: ShapeMap[R]): Tensor<R> {
  return tf.tensor(normals(key, count(shape)), shape, 'float32');
}

/**
 * Draws a mask of ones and zeros (float32): each entry is 1 with the given probability, as dropout needs it.
 *
 * @throws When `probability` is not within [0, 1].
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { bernoulli, key } from '@steppe/random';
 *
 * console.log(tf.sum(bernoulli(key(0), 1, [4])).arraySync()); // => 4
 * ```
 */
export function bernoulli<R extends Rank>(key: Key, probability: number, shape: ShapeMap[R]): Tensor<R> {
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1))
    throw new Error(`A probability lies in [0, 1], got ${told(probability)}.`);
  const draws = uniforms(key, count(shape));
  for (let i = 0; i < draws.length; i++) draws[i] = (draws[i] as number) < probability ? 1 : 0;
  return tf.tensor(draws, shape, 'float32');
}
