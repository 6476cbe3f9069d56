import { checkFunction } from '@steppe/check';
import { map, pure, sum, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkWeights } from '../check-weights.ts';
import { outputOf } from '../operators/parts.ts';
import { withTree } from './with-tree.ts';

/**
 * Measures the path norm of a ReLU network: Σ f_{w²}(1), the outputs for an input of ones with all weights squared, which
 * is the sum over all paths from an input to an output of the product of their squared weights.
 *
 * It does not change when layers are rescaled. Batch normalization must be folded into the weights before: with
 * statistics of its own the outputs are no sum over paths. It costs one pass forward of one example.
 *
 * @param outputs - The network as a function of its weights, for one input of ones.
 * @param params - w, any tree; it is not changed.
 * @returns The sum; its root is the norm.
 * @throws When `outputs` is no function, or the sum is not finite.
 * @see Neyshabur et al., Path-SGD, NeurIPS 2015; Jiang et al., ICLR 2020, for this form.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { pathNorm } from '@steppe/sharpness';
 *
 * const network = (w: { a: tf.Tensor2D; b: tf.Tensor2D }) => tf.matMul(tf.relu(tf.matMul(tf.ones([1, 1]), w.a)), w.b);
 * const { value } = await pathNorm(network, { a: tf.tensor2d([[1, 2]]), b: tf.tensor2d([[3], [-1]]) });
 * console.log(value); // => 13
 * ```
 */
export async function pathNorm<P extends Tree>(
  outputs: (params: P) => Tensor,
  params: P,
): Promise<{ readonly value: number; readonly root: number }> {
  checkFunction('outputs', outputs);
  checkWeights('pathNorm', params);
  const total = pure(() => sum(outputOf('pathNorm', outputs(map(params, (w) => tf.square(w))))));
  const [value] = (await withTree(total, (scalar) => scalar.data())) as Float32Array;
  if (!Number.isFinite(value))
    throw new Error(
      `The path norm is not finite, it is ${value}: squared weights may leave float32 in a deep network.`,
    );
  return { value: value as number, root: Math.sqrt(value as number) };
}
