import { softmaxCrossEntropy } from '@steppe/models';
import * as tf from '@tensorflow/tfjs';

export type Params = {
  readonly stem: { readonly kernel: tf.Tensor; readonly scale: tf.Tensor; readonly bias: tf.Tensor };
  readonly down: tf.Tensor;
  readonly dense: readonly [kernel: tf.Tensor, bias: tf.Tensor];
};
export type Batch = { readonly images: tf.Tensor; readonly labels: tf.Tensor };

/** Numbers that look random and are the same on every backend. */
const wave = (shape: number[], phase: number, size = 0.5): tf.Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: tf.util.sizeFromShape(shape) },
      (_, i) => size * Math.sin(1 + 1.7 * i * (1 + phase / 7) + phase),
    ),
    shape,
  );

/** A tree with the shapes of the network's parameters. */
export const paramsLike = (phase: number): Params => ({
  stem: { kernel: wave([3, 3, 1, 3], phase), scale: wave([3], phase + 1), bias: wave([3], phase + 2) },
  down: wave([3, 3, 3, 4], phase + 3),
  dense: [wave([4, 3], phase + 4), wave([3], phase + 5)],
});

export const makeBatch = (): Batch => ({ images: wave([2, 7, 7, 1], 9, 1), labels: tf.tensor1d([0, 2], 'int32') });

/** Everything that image networks have: convolutions, batch statistics, silu, pools with padded borders, a dense layer,
 * cross entropy. */
export function loss({ stem, down, dense }: Params, { images, labels }: Batch): readonly [tf.Scalar, tf.Tensor] {
  const x = tf.conv2d(images as tf.Tensor4D, stem.kernel as tf.Tensor4D, 1, 'same');
  const centered = tf.sub(x, tf.mean(x, [0, 1, 2]));
  const normalized = tf.mul(centered, tf.rsqrt(tf.add(tf.mean(tf.square(centered), [0, 1, 2]), 1e-5)));
  const shifted = tf.add(tf.mul(normalized, stem.scale), stem.bias);
  const pooled = tf.maxPool(tf.mul(shifted, tf.sigmoid(shifted)) as tf.Tensor4D, 2, 2, 'same');
  const narrow = tf.avgPool(tf.softplus(tf.conv2d(pooled, down as tf.Tensor4D, 1, 'same')), 3, 2, 'same');
  const logits = tf.add(tf.matMul(tf.mean<tf.Tensor2D>(narrow, [1, 2]), dense[0]), dense[1]);
  return [softmaxCrossEntropy(tf.mul(logits, 3), labels as tf.Tensor1D), logits];
}
