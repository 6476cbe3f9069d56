import { capture, registerNative } from '@steppe/native';
import { dispose, leaves, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { valueAndGrad } from '../src/index.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
});

type Params = { readonly kernel: tf.Tensor4D; readonly dense: tf.Tensor2D };

const of = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 1.7 + seed)),
    shape,
  );
const pointOf = (seed: number): Params => ({
  kernel: of([3, 3, 2, 4], seed) as tf.Tensor4D,
  dense: of([4, 3], seed + 1) as tf.Tensor2D,
});
const loss = ({ kernel, dense }: Params, x: tf.Tensor4D): tf.Scalar => {
  const features = tf.maxPool(tf.tanh(tf.conv2d(x, kernel, 1, 'same')) as tf.Tensor4D, 2, 2, 'valid');
  const logits = tf.matMul(tf.mean(features, [1, 2]), dense);
  return tf.mean(tf.sub(tf.logSumExp(logits, -1), tf.sum(tf.mul(tf.softmax(logits), logits), -1)));
};
const bits = (tree: Tree): unknown =>
  leaves(tree).map(({ leaf }) => [...new Uint8Array(leaf.dataSync().slice().buffer)]);

test('gradients and Hessian products, of order 2 too, give the same bits captured as they do step by step', () => {
  const before = tf.memory().numTensors;
  const gradient = valueAndGrad(loss);
  const both = (at: Params, v: Params, x: tf.Tensor4D): Tree => ({
    ...gradient(at, x),
    product: gradient.hvp(at, x, v),
    twice: gradient.hvp(at, x, gradient.hvp(at, x, v)),
  });
  const captured = capture(both);
  for (let i = 0; i < 6; i++) {
    const [at, v, x] = [pointOf(i), pointOf(i + 9), of([3, 4, 4, 2], i) as tf.Tensor4D];
    const [replayed, expected] = [captured(at, v, x), pure(() => both(at, v, x))];
    expect(bits(replayed)).toEqual(bits(expected));
    dispose(at, v, x, replayed, expected);
  }
  expect([captured.recordings, captured.replays]).toEqual([1, 5]);
  captured.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
