import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, exactly, gradientCase, reals, valueCase, wholes } from './case.ts';

const refusable = (each: Case): Case => ({ ...each, refusable: true });

const eight = Array.from({ length: 8 }, () => reals([3, 5]));

/** These compare, and no number is more or less than NaN. */
const comparing: Readonly<Record<string, (x: Tensor1D) => Tensor>> = {
  ClipByValue: (x) => tf.clipByValue(x, 0, 1),
  Max: (x) => tf.max(x),
  Maximum: (x) => tf.maximum(x, 0),
  Min: (x) => tf.min(x),
  Minimum: (x) => tf.minimum(x, 0),
  Relu: (x) => tf.relu(x),
};

/** What a backend of tfjs is known to get wrong without a word. */
export const silentErrorCases: readonly Case[] = [
  // WebGPU has eight storage buffers to a kernel.
  gradientCase('AddN of eight', eight, (...xs: Tensor[]) => tf.addN(xs)),
  // WASM began the search for a maximum at zero.
  gradientCase('MaxPool of negative windows', [reals([2, 4, 6, 3], -22, -20)], (x: Tensor4D) =>
    tf.maxPool(x, 2, 2, 'valid'),
  ),
  // WASM adds up in float32: one after the other, a million tenths give 100958, and no sum of ones gets past 2²⁴.
  valueCase('Sum of a million tenths', [], () => tf.sum(tf.fill([1_000_000], 0.1)), 1e-5),
  valueCase('Mean of a million tenths', [], () => tf.mean(tf.fill([1_000_000], 0.1)), 1e-5),
  valueCase('Sum past 2^24', [], () => tf.sum(tf.concat([tf.tensor1d([2 ** 24]), tf.ones([20_000])])), 1e-5),
  valueCase('Sum of long columns', [], () => tf.sum(tf.fill([300_000, 3], 0.1), 0), 1e-5),
  // WASM's one-hot of float32 was all zeros.
  valueCase('OneHot of float32', [wholes([6], 4)], (labels: Tensor1D) => tf.oneHot(labels, 4, 2, -1, 'float32')),
  ...Object.entries(comparing).map(([name, f]) => valueCase(`${name} of NaN`, [exactly([1, Number.NaN, -1, 2])], f)),
  // WebGPU's shaders of these ranks were invalid, which left stale numbers.
  ...[5, 6].map((rank) =>
    refusable(
      gradientCase(`PadV2 of rank ${rank}`, [reals(Array(rank).fill(2))], (x: Tensor) =>
        tf.pad(x, [[1, 0], ...Array(rank - 2).fill([0, 0]), [0, 1]]),
      ),
    ),
  ),
  ...[5, 6].map((rank) =>
    refusable(
      gradientCase(
        `arithmetic of rank ${rank}`,
        [reals([3, ...Array(rank - 1).fill(2)]), reals([2])],
        (a: Tensor, b: Tensor) => tf.sum(tf.transpose(tf.mul(tf.add(a, b), b)), [1, 2]),
      ),
    ),
  ),
];
