import { valueAndGrad } from '@steppe/autograd';
import { aNumber, checkOptions, count } from '@steppe/check';
import { pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { checkedParts, type LossOfOutputs } from '../operators/parts.ts';
import { type Mean, weightedMean } from './mean.ts';
import { withTree } from './with-tree.ts';

/** The depth of the network, and how its examples are passed over. */
export type FisherRaoOptions<Batch> = PassOptions<Batch> & {
  /** L + 1, how many layers of weights the network has. */
  readonly layers: number;
};

/**
 * Measures the Fisher-Rao norm of a network of ReLU layers without biases: (L + 1)·√(E ⟨∂ℓ/∂f, f⟩²) over examples, which
 * is ‖w‖ in the metric of the empirical Fisher information.
 *
 * For cross entropy ∂ℓ/∂f = softmax(f) - e_y. It does not change when layers are rescaled, costs one pass forward, and
 * is the norm only for networks whose outputs are homogeneous of degree L + 1 in the weights: with biases or batch
 * normalization it is a number of its own.
 *
 * @param parts - The network's outputs, `[batch, ...]`, and the loss of them, a mean over the batch.
 * @returns The norm, and its standard error as of a sample of batches.
 * @throws When an option is unknown or out of range, or the outputs are no tensor with the examples first.
 * @see Liang et al., Fisher-Rao Metric, Geometry, and Complexity of Neural Networks, AISTATS 2019, theorem 3.1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fisherRaoNorm } from '@steppe/sharpness';
 *
 * const parts = {
 *   outputs: (w: tf.Tensor2D, x: tf.Tensor2D) => tf.matMul(x, w),
 *   loss: (f: tf.Tensor) => tf.mean(tf.sum(tf.square(f), 1)),
 * };
 * const { value } = await fisherRaoNorm(parts, tf.tensor2d([[1], [2]]), [tf.tensor2d([[1, 1]])], { layers: 1 });
 * console.log(value); // => 18
 * ```
 */
export async function fisherRaoNorm<P extends Tree, Batch extends Tree>(
  parts: LossOfOutputs<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: FisherRaoOptions<Batch>,
): Promise<Mean & { readonly losses: number }> {
  checkOptions('fisherRaoNorm', options, { ...passOptions, layers: aNumber(count) });
  const { layers, ...passing } = options;
  aNumber(count)('layers', layers);
  const { outputs: outputsOf, loss } = checkedParts('fisherRaoNorm', parts);
  checkWeights('fisherRaoNorm', params);
  const cotangent = valueAndGrad(loss);
  const [squares, sizes]: [number[], number[]] = [[], []];
  await passOver(
    'fisherRaoNorm',
    batches,
    passing,
  )(async (batch, { size }) => {
    const square = pure(() => {
      const outputs = outputsOf(params, batch);
      const examples = outputs.shape[0];
      if (examples === undefined)
        throw new Error(
          'The outputs of fisherRaoNorm must have the examples along their first dimension, got a scalar.',
        );
      const { grads } = cotangent(outputs, batch);
      const products = tf.sum(tf.reshape(tf.mul(tf.mul(grads, examples), outputs), [examples, -1]), 1);
      return tf.mean(tf.square(products));
    });
    const [value] = await withTree(square, (scalar) => scalar.data());
    squares.push(value as number);
    sizes.push(size);
  });
  const mean = weightedMean(squares, sizes);
  const root = Math.sqrt(mean.value);
  // That of a root is that of its square over twice the root.
  const standardError =
    mean.standardError === null ? null : root === 0 ? 0 : (layers * mean.standardError) / (2 * root);
  return { value: layers * root, standardError, losses: 1 };
}
