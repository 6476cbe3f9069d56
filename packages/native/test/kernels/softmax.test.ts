import { fc, test } from '@fast-check/vitest';
import { Softmax, SoftmaxGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, nativeBackends, runKernel } from '../support/backends.ts';

const natives = await nativeBackends();
const plain = (values: ArrayLike<number>, shape: number[]) => ({ values, shape, dtype: 'float32' as const });

/** Rows of numbers, and each number's share of its row's exponentials, in float64. */
function shares(x: readonly number[], n: number): number[] {
  return x.map((_, i) => {
    const row = x.slice(i - (i % n), i - (i % n) + n);
    const top = Math.max(...row);
    return Math.exp((x[i] as number) - top) / row.reduce((sum, v) => sum + Math.exp(v - top), 0);
  });
}

const drawn = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 })).chain(([n, rows]) =>
  fc.record({
    n: fc.constant(n),
    x: fc.array(fc.double({ min: -60, max: 60, noNaN: true }), { minLength: n * rows, maxLength: n * rows }),
  }),
);

describe('softmax with a kernel for its gradient', () => {
  test.prop([drawn], { numRuns: 40 })('gives both as float64 does, on every instruction set', ({ n, x: doubles }) => {
    const x = doubles.map(Math.fround);
    const shape = [x.length / n, n];
    const y = shares(x, n);
    const dy = x.map((_, i) => 1 + (i % 3));
    const expected = y.map((share, i) => {
      const start = i - (i % n);
      const along = dy.slice(start, start + n).reduce((sum, d, j) => sum + d * (y[start + j] as number), 0);
      return share * ((dy[i] as number) - along);
    });
    for (const { name } of natives) {
      const [given] = runKernel(name, Softmax, { x: plain(x, shape) });
      expectClose(given?.values ?? [], y, 1e-6, `y on ${name}`);
      const [dx] = runKernel(name, SoftmaxGrad, { dy: plain(dy, shape), y: plain(y, shape) });
      expectClose(dx?.values ?? [], expected, 2e-6, `dx on ${name}`);
    }
  });

  describe('on a tape', () => {
    beforeAll(async () => void (await tf.setBackend(natives[0]?.name ?? '')));
    afterAll(async () => void (await tf.setBackend('cpu')));

    it('has the gradient of tf.softmax', () => {
      const x = tf.tensor2d([
        [0.3, -1, 2],
        [0, 0, 5],
      ]);
      const weights = tf.tensor2d([
        [1, 2, -3],
        [0.5, 1, 1],
      ]);
      const slope = (f: (v: tf.Tensor) => tf.Tensor): tf.Tensor =>
        tf.grad((v) => tf.sum(tf.mul(tf.square(f(v)), weights)))(x);
      const ours = slope((v) => tf.engine().runKernel(Softmax, { x: v }) as tf.Tensor);
      expectClose(ours.dataSync(), slope(tf.softmax).dataSync(), 1e-6, 'slope');
    });
  });

  it('is refused integers, and gradients of another shape', () => {
    const [native = { name: '' }] = natives;
    const ints = { values: [1], shape: [1], dtype: 'int32' as const };
    expect(() => runKernel(native.name, Softmax, { x: ints })).toThrow('x must be float32, got int32');
    expect(() => runKernel(native.name, SoftmaxGrad, { dy: plain([1, 2], [2]), y: plain([1], [1]) })).toThrow('dy');
  });
});
