import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { hvp, valueAndGrad } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Op = (x: tf.Tensor) => tf.Tensor;

/** The gradient of the sum of what an operation gives, and the product with ones. */
function derivatives(op: Op, shape: number[]): readonly [tf.Tensor, tf.Tensor] {
  const w = tf.ones(shape);
  const loss = (x: tf.Tensor, _: null) => tf.add(tf.sum(op(x)), tf.sum(tf.square(x)));
  const { value, grads } = valueAndGrad(loss)(w, null);
  const product = hvp(loss)(w, null, w);
  dispose(value, w);
  return [grads, product];
}

const ops: readonly [string, Op, number[]][] = [
  ['exp of nothing', tf.exp, [0]],
  ['sum over nothing', (x) => tf.sum(x, 1), [2, 0]],
  ['mean of nothing, by rows', (x) => tf.mean(x, 0), [3, 0]],
  ['slice of nothing', (x) => tf.slice(x, [1], [0]), [3]],
  ['a factor that sums nothing', (x) => tf.mul(x, tf.sum(tf.slice(x, 0, 0))), [3]],
  ['mul that broadcasts to nothing', (x) => tf.mul(tf.zeros([0, 2]), x), [1, 2]],
  ['atan2 that broadcasts to nothing', (x) => tf.atan2(tf.zeros([0, 2]), x), [1, 2]],
  ['pow that broadcasts to nothing', (x) => tf.pow(tf.zeros([0, 2]), x), [1, 2]],
  ['mod that broadcasts to nothing', (x) => tf.mod(tf.zeros([0, 2]), x), [2]],
  ['matMul with nothing', (x) => tf.matMul(x, tf.zeros([2, 0])), [3, 2]],
  ['matMul over nothing', (x) => tf.matMul(x, tf.zeros([0, 3])), [2, 0]],
  ['concat with nothing', (x) => tf.concat([tf.slice(x, 0, 0), tf.zeros([0])]), [3]],
  ['gather of nothing', (x) => tf.gather(x, tf.tensor1d([], 'int32')), [3]],
  ['tile by nothing', (x) => tf.tile(x, [2, 0]), [2, 2]],
  ['reverse of nothing', (x) => tf.reverse(x, 0), [0, 2]],
  ['split off nothing', (x) => tf.split(x, [0, 3])[0] as tf.Tensor, [3]],
  ['cumsum of nothing', (x) => tf.cumsum(x, 1), [2, 0]],
  ['conv1d that shrinks to nothing', (x) => tf.conv1d(x as tf.Tensor3D, tf.ones([2, 1, 1]), 3, 'valid'), [1, 1, 1]],
];

test.each(ops)('%s has the gradient zero beside another of 2', (_, op, shape) => {
  const before = tf.memory().numTensors;
  const found = derivatives(op, shape);
  for (const tensor of found) {
    expect(tensor.shape).toEqual(shape);
    expect([...tensor.dataSync()]).toEqual(new Array(tensor.size).fill(2));
  }
  dispose(...found);
  expect(tf.memory().numTensors).toBe(before);
});
