import { aNumber, checkFunction, checkOptions, checkRecord, refusal, weight } from '@steppe/check';
import { pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { Tensor } from '@tensorflow/tfjs-core';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { outputOf } from '../operators/parts.ts';
import { withTree } from './with-tree.ts';

/** Which margin is taken. */
export type MarginOptions<Batch> = PassOptions<Batch> & {
  /** The share of the examples whose margin is smaller, from 0, the least margin, to 1. @defaultValue 0.1 */
  readonly quantile?: number;
};

/** Below all logits, and finite, since not every backend is sure of infinities. */
const LOWEST = -(2 ** 100);

/** The quantile of sorted numbers, between two of them in proportion. */
function quantileOf(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (at - Math.floor(at)) * (above - below);
}

/**
 * Measures by how much the logits of the right classes lead: a quantile of f_y - max_{j ≠ y} f_j over the examples.
 *
 * Margins grow with the scale of the logits: compare them beside norms of the weights, or of normalized logits.
 *
 * @param parts - The logits, `[batch, classes]`, and the class numbers, int32 `[batch]`.
 * @returns The quantile, all margins in rising order, and the share of them that are not above 0, the error rate.
 * @throws When an option is unknown or out of range, or the logits and labels do not fit.
 * @see Jiang et al., Fantastic Generalization Measures and Where to Find Them, ICLR 2020.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { margins } from '@steppe/sharpness';
 *
 * const logits = (w: tf.Tensor2D, x: tf.Tensor2D) => tf.matMul(x, w);
 * const parts = { outputs: logits, labels: () => tf.tensor1d([0, 1], 'int32') };
 * const batch = tf.tensor2d([[3, 1], [1, 2]]);
 * const found = await margins(parts, tf.tensor2d([[1, 0], [0, 1]]), [batch], { quantile: 0 });
 * console.log([...found.values], found.value, found.errorRate); // => [ 1, 2 ] 1 0
 * ```
 */
export async function margins<P extends Tree, Batch extends Tree>(
  parts: {
    readonly outputs: (params: P, batch: Batch) => Tensor | readonly [Tensor, Tree];
    readonly labels: (batch: Batch) => Tensor;
  },
  params: P,
  batches: Batches<Batch>,
  options: MarginOptions<Batch> = {},
): Promise<{
  readonly value: number;
  readonly values: Float64Array;
  readonly errorRate: number;
  readonly losses: number;
}> {
  checkOptions('margins', options, { ...passOptions, quantile: aNumber(weight) });
  checkRecord('The parts of margins, { outputs, labels },', parts);
  checkFunction('outputs', parts.outputs);
  checkFunction('labels', parts.labels);
  checkWeights('margins', params);
  const { quantile = 0.1, ...passing } = options;
  const all: number[] = [];
  await passOver(
    'margins',
    batches,
    passing,
  )(async (batch) => {
    const found = pure(() => {
      const logits = outputOf('margins', parts.outputs(params, batch));
      const labels = parts.labels(batch);
      if (!(labels instanceof Tensor))
        throw refusal('What labels gives to margins', 'a tensor of class numbers', labels);
      if (logits.rank !== 2 || labels.rank !== 1 || labels.shape[0] !== logits.shape[0])
        throw new Error(
          `margins takes logits [batch, classes] and labels [batch], got [${logits.shape}] and [${labels.shape}].`,
        );
      if ((logits.shape[1] as number) < 2)
        throw new Error(
          `margins needs at least two classes, got logits [${logits.shape}]: for one logit a class, put 0 beside it as the other.`,
        );
      const right = tf.cast(tf.oneHot(tf.cast(labels, 'int32'), logits.shape[1] as number), 'bool');
      const none = tf.fill(logits.shape, LOWEST);
      return tf.sub(tf.max(tf.where(right, logits, none), 1), tf.max(tf.where(right, none, logits), 1));
    });
    all.push(...(await withTree(found, (values) => values.data())));
  });
  const values = Float64Array.from(all).sort();
  if (!values.every((margin) => Math.abs(margin) < 2 ** 99))
    throw new Error('margins needs finite logits, and labels that are numbers of their classes, counted from 0.');
  return {
    value: quantileOf(values, quantile),
    values,
    errorRate: values.filter((margin) => margin <= 0).length / values.length,
    losses: 1,
  };
}
