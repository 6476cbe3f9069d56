import { dispose, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { operatorOf, type SymmetricOperator } from '../../src/index.ts';

type Params = { readonly a: tf.Tensor1D; readonly b: tf.Tensor1D };

const params = (): Params => ({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([3]) });
const doubled = ({ a, b }: Params): Params => ({ a: tf.mul(a, 2), b: tf.mul(b, 2) });

test('an operator acts on the leaves that are chosen, and is zero elsewhere', async () => {
  const before = tf.memory().numTensors;
  const like = params();
  const block = operatorOf(like, doubled, { wanted: (path) => path === '.a' });
  const product = await block.multiply(like);
  expect([...product.a.dataSync(), ...product.b.dataSync()]).toEqual([2, 4, 0]);
  expect(block.dimension).toBe(2);
  dispose(like, product);
  expect(tf.memory().numTensors).toBe(before);
});

test('an operator that gives back what it gets is the identity', async () => {
  const like = params();
  const product = await operatorOf(like, (v) => v).multiply(like);
  expect([...product.a.dataSync(), ...product.b.dataSync(), ...like.a.dataSync()]).toEqual([1, 2, 3, 1, 2]);
});

test('trees that do not match, no number to act on and products that are none are refused, with the path', async () => {
  const like = params();
  const before = tf.memory().numTensors;
  const multiply = async (operator: SymmetricOperator<Params>, v: unknown) => operator.multiply(v as Params);
  const twice = operatorOf(like, doubled);
  await expect(multiply(twice, { a: like.a })).rejects.toThrow('Trees differ: nothing at ".b" to pair with.');
  await expect(multiply(twice, { a: like.a, b: like.a })).rejects.toThrow(
    'v has shape [2] at ".b", the parameter has [1]: give it the shapes of the parameters.',
  );
  await expect(
    multiply(
      operatorOf(like, ({ a }) => ({ a, b: tf.ones([2]) })),
      like,
    ),
  ).rejects.toThrow('A·v has shape [2] at ".b"');
  await expect(
    multiply(
      operatorOf(like, ({ a, b }) => ({ a, b: tf.div(b, 0) })),
      like,
    ),
  ).rejects.toThrow('A·v is not finite, it sums to Infinity.');
  expect(tf.memory().numTensors).toBe(before);
  expect(() => operatorOf(like, doubled, { wanted: () => false })).toThrow('An operator needs numbers to act on');
  expect(() => operatorOf(tf.zeros([0, 2]), (v) => v)).toThrow('An operator needs numbers to act on');
  expect(() => operatorOf(like, 'A' as never)).toThrow('multiply must be a function, got "A".');
});

test('a leaf without numbers takes part as nothing', async () => {
  const like = { none: tf.zeros([0, 3]), w: tf.tensor1d([1]) };
  const operator = operatorOf(like, (v) => v);
  const product = await operator.multiply(zerosLike(like));
  expect([operator.dimension, product.none.shape]).toEqual([1, [0, 3]]);
});
