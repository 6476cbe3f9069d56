import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { hvp, valueAndGrad } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Op = (x: tf.Tensor) => tf.Tensor;

const first = (op: Op, x: number[]): number[] =>
  tf.tidy(() => [...valueAndGrad((w: tf.Tensor, _: null) => tf.sum(op(w)))(tf.tensor1d(x), null).grads.dataSync()]);
const second = (op: Op, x: number[]): number[] =>
  tf.tidy(() => [...hvp((w: tf.Tensor, _: null) => tf.sum(op(w)))(tf.tensor1d(x), null, tf.onesLike(x)).dataSync()]);

describe('at the edges of an operation, derivatives are what they are beside it:', () => {
  test('powers of zero', () => {
    const powers = [0, 1, 2, 3].map(
      (n): Op =>
        (x) =>
          tf.pow(x, n),
    );
    expect(powers.map((power) => first(power, [0]))).toEqual([[0], [1], [0], [0]]);
    expect(powers.map((power) => second(power, [0]))).toEqual([[0], [0], [2], [0]]);
    // ∂²(aᵇ)/∂a∂b = aᵇ⁻¹·(1 + b·log a), which is 1/a where b is 0.
    const mixed = tf.tidy(() => {
      const [a, b] = [tf.scalar(4), tf.scalar(0)];
      const product = hvp(([x, y]: tf.Tensor[], _: null) => tf.pow(x as tf.Tensor, y as tf.Tensor))([a, b], null, [
        tf.scalar(0),
        tf.scalar(1),
      ]);
      return (product[0] as tf.Tensor).dataSync()[0];
    });
    expect(mixed).toBeCloseTo(0.25, 6);
  });

  test('selu of large numbers', () => {
    expect(second(tf.selu, [200, 2])).toEqual([0, 0]);
  });

  test('quotients of what float32 barely holds', () => {
    for (const size of [1e-30, 1e-22, 1e22, 1e30]) {
      const quotient: Op = (x) => tf.div(tf.fill([1], size, 'float32'), x);
      expect((first(quotient, [size])[0] ?? 0) * size).toBeCloseTo(-1, 5);
      expect((first((x) => tf.div(x, size), [size])[0] ?? 0) * size).toBeCloseTo(1, 5);
    }
  });

  test('segments and updates that nothing takes', () => {
    const ids = tf.tensor1d([-1, 0, 7], 'int32');
    expect(first((x) => tf.unsortedSegmentSum(x, ids, 2), [1, 2, 3])).toEqual([0, 1, 0]);
    ids.dispose();
  });
});
