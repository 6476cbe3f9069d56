import { fc, test } from '@fast-check/vitest';
import { Gelu, GeluGrad, Silu, SiluGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { specials } from '../support/arbitraries.ts';
import { expectClose, nativeBackends, runKernel } from '../support/backends.ts';

const natives = await nativeBackends();

/** erf by its series, which in float64 is right to 1e-9 up to 5, where it is 1. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const below = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;

const functions = [
  { name: Silu, gradient: SiluGrad, f: (x: number) => x * sigmoid(x) },
  { name: Gelu, gradient: GeluGrad, f: (x: number) => x * below(x) },
];
const slopes: Record<string, (x: number) => number> = {
  [Silu]: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  [Gelu]: (x) => below(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
};
const numbers = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 70 });

describe.each(functions)('$name', ({ name, gradient, f }) => {
  test.prop([numbers], { numRuns: 40 })('and its gradient are those of float64, on every instruction set', (drawn) => {
    const x = drawn.map(Math.fround);
    const dy = x.map((_, i) => 1 + (i % 3));
    const plain = (values: number[]) => ({ values, shape: [values.length], dtype: 'float32' as const });
    for (const native of natives) {
      const [y] = runKernel(native.name, name, { x: plain(x) });
      expectClose(y?.values ?? [], x.map(f), 1e-6, `${name} on ${native.name}`);
      const [dx] = runKernel(native.name, gradient, { dy: plain(dy), x: plain(x) });
      const expected = x.map((v, i) => (dy[i] as number) * (slopes[name]?.(v) ?? Number.NaN));
      expectClose(dx?.values ?? [], expected, 3e-6, `${gradient} on ${native.name}`);
    }
  });

  describe('on a tape', () => {
    beforeAll(async () => void (await tf.setBackend(natives[0]?.name ?? '')));
    afterAll(async () => void (await tf.setBackend('cpu')));

    it('has that gradient, and one of the gradient', () => {
      const x = tf.tensor1d([-3, -0.5, 0, 0.7, 2]);
      const run = (v: tf.Tensor): tf.Tensor => tf.engine().runKernel(name, { x: v }) as tf.Tensor;
      const slope = (v: tf.Tensor): tf.Tensor => tf.grad(run)(v);
      expectClose(
        slope(x).dataSync(),
        [...x.dataSync()].map((v) => slopes[name]?.(v) ?? 0),
        1e-6,
        'slope',
      );
      const h = 1e-3;
      const curvature = [...x.dataSync()].map((v) => {
        const at = slopes[name] ?? (() => Number.NaN);
        return (at(v + h) - at(v - h)) / (2 * h);
      });
      expectClose(
        tf
          .grad((v) => tf.sum(slope(v)))(x)
          .dataSync(),
        curvature,
        1e-5,
        'curvature',
      );
    });
  });

  it('is refused integers, and gradients of another shape', () => {
    const ints = { values: [1], shape: [1], dtype: 'int32' as const };
    const one = { values: [1], shape: [1], dtype: 'float32' as const };
    const two = { values: [1, 2], shape: [2], dtype: 'float32' as const };
    const [native] = natives;
    expect(() => runKernel(native?.name ?? '', name, { x: ints })).toThrow('there is no kernel for these arguments');
    expect(() => runKernel(native?.name ?? '', gradient, { dy: two, x: one })).toThrow('dy');
  });
});

describe('the gradient of ReLU', () => {
  const x = specials.flatMap((value) => specials.map(() => value));
  const dy = specials.flatMap(() => specials);
  const gradOf = (backend: string): ArrayLike<number> => {
    tf.setBackend(backend);
    return tf.tidy(() =>
      tf
        .grad((v: tf.Tensor) => tf.relu(v))(tf.tensor1d(x), tf.tensor1d(dy))
        .dataSync(),
    );
  };
  afterAll(() => tf.setBackend('cpu'));

  it('is one kernel on native, bit for bit the one of tfjs for numbers, infinities and NaN', () => {
    const own = vi.spyOn(tf.engine(), 'runKernel');
    for (const { name } of natives) {
      own.mockClear();
      const dx = Array.from(gradOf(name));
      const steps = x.map((v) => (Number.isNaN(v) ? v : v > 0 ? 1 : 0));
      expect(dx).toEqual(Array.from(Float32Array.from(dy), (d, i) => d * (steps[i] ?? 0)));
      expect(own.mock.calls.map(([kernel]) => kernel)).toContain('ReluGrad');
    }
    own.mockRestore();
  });

  it('stays that of tfjs on other backends, and has a gradient itself', async () => {
    expect(Array.from(gradOf('cpu'))).toEqual(Array.from(gradOf(natives[0]?.name ?? '')));
    const cubed = (v: tf.Tensor): tf.Tensor => tf.pow(tf.relu(v), 3);
    const curvature = tf.grad((v) => tf.sum(tf.grad((u) => tf.sum(cubed(u)))(v)))(tf.tensor1d([-1, 2, 3]));
    expectClose(curvature.dataSync(), [0, 12, 18], 1e-5, 'curvature');
  });
});
