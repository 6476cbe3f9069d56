import { softmaxCrossEntropy } from '@steppe/models';
import { key, normals, uniforms } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { LossOfOutputs } from '../../src/index.ts';

export type Batch = { readonly x: tf.Tensor; readonly y: tf.Tensor };

/** Examples of two numbers and three classes, in batches of uneven sizes. */
export function classification(sizes: readonly number[], seed = 0): readonly Batch[] {
  return sizes.map((size, i) => ({
    x: tf.tensor2d(normals(key(100 * seed + i), size * 2), [size, 2]),
    y: tf.tensor1d(
      Array.from(uniforms(key(100 * seed + 50 + i), size), (u) => Math.floor(3 * u)),
      'int32',
    ),
  }));
}

/** The batches as one. */
export const asOne = (batches: readonly Batch[]): Batch => ({
  x: tf.concat(batches.map(({ x }) => x)),
  y: tf.concat(batches.map(({ y }) => y)),
});

const loss = (logits: tf.Tensor, { y }: Batch): tf.Tensor =>
  softmaxCrossEntropy(logits as tf.Tensor2D, y as tf.Tensor1D);

/** Softmax regression without bias, which is linear in w. */
export const regression: LossOfOutputs<tf.Tensor, Batch> = {
  outputs: (w, { x }) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D),
  loss,
};

export const regressionWeights = (): tf.Tensor => tf.tensor2d(normals(key(7), 6), [2, 3]);

export type Params = {
  readonly first: tf.Tensor2D;
  readonly second: { readonly kernel: tf.Tensor2D; readonly bias: tf.Tensor1D };
};

/** A network with a hidden layer of tanh. */
export const network: LossOfOutputs<Params, Batch> = {
  outputs: ({ first, second }, { x }) =>
    tf.add(tf.matMul(tf.tanh(tf.matMul(x as tf.Tensor2D, first)), second.kernel), second.bias),
  loss,
};

export const networkWeights = (): Params => ({
  first: tf.tensor2d(normals(key(1), 6), [2, 3]),
  second: { kernel: tf.tensor2d(normals(key(2), 9), [3, 3]), bias: tf.tensor1d(normals(key(3), 3)) },
});

/** Both parts as one loss. */
export const wholeOf =
  <P extends Tree>(parts: LossOfOutputs<P, Batch>) =>
  (params: P, batch: Batch): tf.Tensor =>
    parts.loss(parts.outputs(params, batch) as tf.Tensor, batch) as tf.Tensor;
