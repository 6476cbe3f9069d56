import { batchNorm, conv, softmaxCrossEntropy } from '@steppe/models';
import { key, normals } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { hessian, topEigenvalues, trace } from '../../src/index.ts';

type Params = {
  readonly kernel: tf.Tensor4D;
  readonly norm: { readonly scale: tf.Tensor1D; readonly bias: tf.Tensor1D };
  readonly head: tf.Tensor2D;
};
type Batch = { readonly images: tf.Tensor4D; readonly labels: tf.Tensor1D };

const params = (): Params => ({
  kernel: tf.tensor4d(normals(key(1), 18), [3, 3, 1, 2]),
  norm: { scale: tf.tensor1d([1.2, 0.7]), bias: tf.tensor1d([0.3, -0.2]) },
  head: tf.tensor2d(normals(key(2), 6), [2, 3]),
});
const batches = (): readonly Batch[] =>
  [4, 3].map((size) => ({
    images: tf.tensor4d(normals(key(size), 36 * size), [size, 6, 6, 1]),
    labels: tf.tensor1d([0, 2, 1, 1].slice(0, size), 'int32'),
  }));

/** A convolution, batch normalization with relu, and a dense layer: what a residual network is made of. */
const loss =
  (training: boolean) =>
  ({ kernel, norm, head }: Params, { images, labels }: Batch): tf.Tensor => {
    const state = { mean: tf.tensor1d([0.1, -0.4]), variance: tf.tensor1d([2, 0.5]) };
    const [active] = batchNorm(norm, state, conv({ kernel }, images, 2), { training, relu: true });
    return softmaxCrossEntropy(tf.matMul(tf.mean<tf.Tensor2D>(tf.square(active), [1, 2]), head), labels);
  };

/** The outermost eigenvalues of the Hessian of that network that some products give, by default all, and its trace, on
 * the backend of now. */
export async function spectrumOf(training: boolean, products?: number): Promise<readonly number[]> {
  const [w, examples] = [params(), batches()];
  const H = hessian(loss(training), w, examples);
  const steps = products ?? H.dimension;
  const { values } = await topEigenvalues(H, { count: steps, products: steps, tolerance: 1e-6 });
  const sum = await trace(H, { sketch: 1, samples: 2 });
  dispose(w, examples);
  return [...values, sum.value];
}

/** The most that two spectra differ, relative to the largest eigenvalue. */
export const apart = (found: readonly number[], wanted: readonly number[]): number =>
  Math.max(...wanted.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)))) / (wanted[0] as number);
