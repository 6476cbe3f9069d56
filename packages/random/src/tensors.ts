import { Draw, type DrawAttrs } from '@steppe/kernels';
import type { Rank, ShapeMap, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkKey, type Key, told } from './key.ts';
import { normals, uniforms } from './numbers.ts';

function count(shape: readonly number[]): number {
  if (!Array.isArray(shape) || !shape.every((side) => Number.isSafeInteger(side) && side >= 0))
    throw new Error(`A shape is a list of whole numbers of at least 0, got ${told(shape)}.`);
  return shape.reduce((product, side) => product * side, 1);
}

/** Draws by the backend's own kernel where it has one, else on the host: the same numbers. */
function drawn<R extends Rank>(
  key: Key,
  shape: ShapeMap[R],
  attrs: Omit<DrawAttrs, 'shape'>,
  onHost: (count: number) => Float32Array,
): Tensor<R> {
  checkKey(key);
  const size = count(shape);
  if (!tf.getKernel(Draw, tf.getBackend())) return tf.tensor(onHost(size), shape, 'float32');
  return tf.tidy(() => {
    const words = tf.tensor1d(Int32Array.of(...key.threefry), 'int32');
    const given: tf.NamedAttrMap = { ...attrs, shape: [...shape] };
    return tf.engine().runKernel(Draw, { key: words }, given) as Tensor<R>;
  });
}

/**
 * Draws a tensor, uniform in [low, high): the same on every backend.
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
  return drawn(key, shape, { distribution: 'uniform', a: low, b: high }, (size) => {
    const draws = uniforms(key, size);
    return low === 0 && high === 1 ? draws : draws.map((u) => low + (high - low) * u);
  });
}

/**
 * Draws a tensor, normal with mean 0 and variance 1: the same on every backend. On `native`, C draws it, with the
 * logarithm, sine and cosine of the system's library: of a thousand million numbers, a few may differ in the last bit.
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
  return drawn(key, shape, { distribution: 'normal', a: 0, b: 1 }, (size) => normals(key, size));
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
  return drawn(key, shape, { distribution: 'bernoulli', a: probability, b: 1 }, (size) => {
    const draws = uniforms(key, size);
    for (let i = 0; i < size; i++) draws[i] = (draws[i] as number) < probability ? 1 : 0;
    return draws;
  });
}
