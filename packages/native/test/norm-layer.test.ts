import '@tensorflow/tfjs';
import { fc, test } from '@fast-check/vitest';
import { LayerNorm, LayerNormGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, nativeBackends, runKernel } from './support/backends.ts';

const natives = await nativeBackends();
const plain = (values: ArrayLike<number>, shape: number[]) => ({ values, shape, dtype: 'float32' as const });

/** Layer normalization and its gradients in float64, entry by entry. */
function reference(x: Float32Array, dy: Float32Array, scale: Float32Array, offset: Float32Array, epsilon: number) {
  const n = scale.length;
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [dscale, doffset] = [new Float64Array(n), new Float64Array(n)];
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / n;
  for (let r = 0; r < x.length; r += n) {
    const row = Float64Array.from(x.subarray(r, r + n));
    const middle = mean(row);
    const deviation = Math.sqrt(mean(row.map((v) => (v - middle) ** 2)) + epsilon);
    const normed = row.map((v) => (v - middle) / deviation);
    const g = Float64Array.from(dy.subarray(r, r + n), (d, i) => d * (scale[i] as number));
    const [average, along] = [mean(g), mean(g.map((d, i) => d * (normed[i] as number)))];
    for (let i = 0; i < n; i++) {
      const z = normed[i] as number;
      y[r + i] = z * (scale[i] as number) + (offset[i] as number);
      dx[r + i] = ((g[i] as number) - average - z * along) / deviation;
      dscale[i] = (dscale[i] as number) + (dy[r + i] as number) * z;
      doffset[i] = (doffset[i] as number) + (dy[r + i] as number);
    }
  }
  return { y, gradients: [dx, dscale, doffset] };
}

describe('LayerNorm', () => {
  test.prop(
    [fc.constantFrom(1, 2, 7, 400), fc.constantFrom(1, 5, 16, 31, 192), fc.nat(1000), fc.constantFrom(0, 300)],
    {
      numRuns: 20,
    },
  )('and its gradient are those of float64, on every instruction set', (rows, n, seed, far) => {
    const [x, dy, scale, offset] = tf.tidy(() =>
      [[rows, n], [rows, n], [n], [n]].map(
        (shape, i) =>
          tf.add(tf.randomNormal(shape, 0, 1, 'float32', seed + i), i === 0 ? far : 0).dataSync() as Float32Array,
      ),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    // A row of one is its mean; ε keeps what rounding leaves of the rest small beside it.
    const attrs = { epsilon: 1e-2 };
    const expected = reference(x, dy, scale, offset, attrs.epsilon);
    const tolerance = far === 0 ? 1e-5 : 3e-3;
    for (const { name } of natives) {
      const inputs = { x: plain(x, [rows, n]), scale: plain(scale, [n]) };
      const [y] = runKernel(name, LayerNorm, { ...inputs, offset: plain(offset, [n]) }, attrs);
      expectClose(y?.values ?? [], expected.y, tolerance, `y on ${name}`);
      const given = runKernel(name, LayerNormGrad, { ...inputs, dy: plain(dy, [rows, n]) }, attrs);
      for (const [i, gradient] of expected.gradients.entries())
        expectClose(given[i]?.values ?? [], gradient, 10 * tolerance, `gradient ${i} on ${name}`);
    }
  });

  describe('on a tape', () => {
    beforeAll(async () => void (await tf.setBackend(natives[0]?.name ?? '')));
    afterAll(async () => void (await tf.setBackend('cpu')));

    it('has the gradient of the composition, and that gradient has its gradient', () => {
      const shape = [2, 3, 5];
      const [x, weights] = [1, 2].map((seed) => tf.randomNormal(shape, 0, 1, 'float32', seed)) as [
        tf.Tensor,
        tf.Tensor,
      ];
      const [scale, offset] = [3, 4].map((seed) => tf.randomNormal([5], 0, 1, 'float32', seed)) as [
        tf.Tensor,
        tf.Tensor,
      ];
      const kernel = (...[v, s, o]: tf.Tensor[]): tf.Tensor =>
        tf
          .engine()
          .runKernel(LayerNorm, { x: v, scale: s, offset: o } as tf.NamedTensorMap, { epsilon: 1e-3 }) as tf.Tensor;
      const composed = (...[v, s, o]: tf.Tensor[]): tf.Tensor => {
        const centered = tf.sub(v as tf.Tensor, tf.mean(v as tf.Tensor, -1, true));
        const spread = tf.add(tf.mean(tf.square(centered), -1, true), 1e-3);
        return tf.add(tf.mul(tf.mul(centered, tf.rsqrt(spread)), s as tf.Tensor), o as tf.Tensor);
      };
      const once = (f: (...xs: tf.Tensor[]) => tf.Tensor) =>
        tf.grads((...xs) => tf.sum(tf.mul(tf.tanh(f(...xs)), weights)))([x, scale, offset]);
      const twice = (f: (...xs: tf.Tensor[]) => tf.Tensor) =>
        tf.grads((...xs) =>
          tf.addN(
            tf
              .grads((...ys) => tf.sum(tf.mul(tf.square(f(...ys)), weights)))(xs)
              .map((g) => tf.sum(tf.square(g))),
          ),
        )([x, scale, offset]);
      for (const gradients of [once, twice]) {
        const expected = gradients(composed);
        gradients(kernel).forEach((g, i) => {
          expectClose(g.dataSync(), expected[i]?.dataSync() ?? [], 1e-4, `${gradients.name} ${i}`);
        });
      }
    });
  });

  it('is refused integers, and factors of another size', () => {
    const [native = { name: '' }] = natives;
    const x = plain([1, 2, 3, 4], [2, 2]);
    const two = plain([1, 1], [2]);
    const run = (inputs: object) =>
      runKernel(native.name, LayerNorm, { x, scale: two, offset: two, ...inputs }, { epsilon: 1 });
    expect(() => run({ x: { ...x, dtype: 'int32' } })).toThrow('x must be float32, got int32');
    expect(() => run({ scale: plain([1], [1]) })).toThrow('scale must be of 2 elements, got [1]');
  });
});
