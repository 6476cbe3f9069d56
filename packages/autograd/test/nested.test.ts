import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { valueAndGrad } from '../src/index.ts';
import { captures } from './support/captures.ts';
import { expectNumbers, expectWorking, type Loss, product, total } from './support/products.ts';

beforeAll(() => tf.setBackend('cpu'));
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

describe('gradients that tfjs takes itself', () => {
  const bump = (x: tf.Tensor): tf.Tensor => tf.sum(tf.exp(tf.square(x)));
  const second = [0.5, -1].map((w) => (2 + 4 * w * w) * Math.exp(w * w));
  const third = [0.5, -1].map((w) => (12 * w + 8 * w ** 3) * Math.exp(w * w));
  const at = (f: (w: tf.Tensor1D) => tf.Tensor): number[] => tf.tidy(() => [...f(tf.tensor1d([0.5, -1])).dataSync()]);

  test('inside a loss of ours are differentiated exactly, once and twice', () => {
    const loss: Loss = (w) => tf.sum(tf.grad(bump)(w));
    expectNumbers(
      at((w) => valueAndGrad(loss)(w, null).grads),
      second,
    );
    expectNumbers(product(loss), [third[0] ?? 0, 2 * (third[1] ?? 0)]);
  });

  test('inside a loss of ours are refused where ours would be', () => {
    expect(() => at((w) => valueAndGrad(total((x) => tf.grad((y) => tf.sum(captures(y)))(x)))(w, null).grads)).toThrow(
      'A tf.customGrad has no verified second derivative',
    );
    expectWorking();
  });

  test('in each other are exact inside a loss of ours', () => {
    const loss: Loss = (w) => tf.sum(tf.grad((y) => tf.sum(tf.grad(bump)(y)))(w));
    expectNumbers(
      at((w) => valueAndGrad(loss)(w, null).grads),
      third,
    );
  });

  test('around ours are exact', () => {
    const ours = (w: tf.Tensor): tf.Tensor =>
      valueAndGrad((y: tf.Tensor, _: null) => bump(y) as tf.Scalar)(w, null).grads;
    expectNumbers(at(tf.grad((w: tf.Tensor) => tf.sum(tf.exp(tf.mul(ours(w), 0))))), [0, 0]);
    expectNumbers(at(tf.grad((w: tf.Tensor) => tf.sum(ours(w)))), second);
  });

  test('around ours do not make a first derivative of ours a second one', () => {
    const inner = (w: tf.Tensor): tf.Tensor =>
      valueAndGrad((y: tf.Tensor, _: null) => tf.sum<tf.Scalar>(captures(y)))(w, null).value;
    expectNumbers(at(tf.grad(inner)), [1, -2]);
  });
});
