import '@tensorflow/tfjs';
import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { useBackend } from '../src/index.ts';
import { type Plain, plus, tensorOf } from './support.ts';

const kernels = [tf.Sum, tf.Mean, tf.Tile];
const stock = new Map(kernels.map((name) => [name, tf.getGradient(name)]));

const make = ({ values, shape }: Plain): tf.Tensor => tf.tensor([...values], [...shape]);

/** The gradient of ⟨operation(x), weights⟩ by what is registered, or by the stock rules. */
const gradient = (operation: (x: tf.Tensor) => tf.Tensor, x: Plain, weights: Plain): Plain =>
  tf.tidy(() => {
    const dx = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(operation(t), make(weights))))(make(x));
    return { shape: dx.shape, values: [...dx.dataSync()], dtype: dx.dtype };
  });

function byStock<Result>(run: () => Result): Result {
  const ours = kernels.map((name) => tf.getGradient(name));
  const register = (configs: readonly (tf.GradConfig | undefined)[]): void => {
    for (const config of configs) if (config) tf.registerGradient(config);
  };
  register([...stock.values()]);
  try {
    return run();
  } finally {
    register(ours);
  }
}

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
const reduction = shapes.chain((shape) =>
  fc.subarray([...shape.keys()], { minLength: 1 }).chain((axes) =>
    fc.record({
      axes: fc.constant(axes),
      keepDims: fc.boolean(),
      x: tensorOf(shape),
      weights: tensorOf(shape.map((size, i) => (axes.includes(i) ? 1 : size))),
    }),
  ),
);
const repetition = shapes.chain((shape) =>
  fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))).chain((reps) =>
    fc.record({
      reps: fc.constant(reps),
      x: tensorOf(shape),
      weights: tensorOf(shape.map((size, i) => size * (reps[i] ?? 1))),
    }),
  ),
);

const expectClose = (actual: Plain, expected: Plain): void => {
  expect(actual.shape).toEqual(expected.shape);
  const apart = plus(actual, expected, -1).values;
  expect(Math.max(0, ...apart.map(Math.abs))).toBeLessThan(1e-4);
};

describe.each(['wasm', 'cpu'] as const)('gradients of what broadcasts, on %s', (backend) => {
  beforeAll(async () => void (await useBackend(backend)));

  test.prop([reduction])('of sums and means are the stock ones', ({ axes, keepDims, x, weights }) => {
    for (const reduce of [tf.sum, tf.mean]) {
      const shape = keepDims ? [...weights.shape] : weights.shape.filter((_, i) => !axes.includes(i));
      const run = (): Plain => gradient((t) => reduce(t, axes, keepDims), x, { ...weights, shape });
      expectClose(run(), byStock(run));
    }
  });

  test.prop([repetition])('of repetitions are the stock ones', ({ reps, x, weights }) => {
    const run = (): Plain => gradient((t) => tf.tile(t, reps), x, weights);
    expectClose(run(), byStock(run));
  });

  it('have gradients of their own: f(x) = mean(mean(x²)²) has f″ along v', () => {
    const f = (x: tf.Tensor): tf.Scalar => tf.mean(tf.square(tf.mean(tf.square(x), 0)));
    const [x, v] = [
      tf.tensor2d([
        [1, 2],
        [3, -1],
      ]),
      tf.tensor2d([
        [0.5, -1],
        [2, 1],
      ]),
    ];
    const product = tf.grad((y: tf.Tensor) => tf.sum(tf.mul(tf.grad(f)(y), v)))(x);
    // With m_j = (x_1j² + x_2j²)/2 and f = (m_1² + m_2²)/2: ∂f/∂x_ij = m_j x_ij, and along v: (Σ_k x_kj v_kj) x_ij +
    // m_j v_ij.
    expect([...product.dataSync()]).toEqual([0.5 * 5 + 6.5 * 1, -3 * 2 + 2.5 * -1, 6.5 * 3 + 5 * 2, -3 * -1 + 2.5 * 1]);
    tf.dispose([x, v, product]);
  });
});

it('gradients of what broadcasts bring nothing of the size of the input from the host', async () => {
  await useBackend('wasm');
  const x = tf.ones([4, 2]);
  const written = (): readonly number[] => {
    const write = vi.spyOn(tf.backend(), 'write');
    tf.dispose(tf.grad((t: tf.Tensor) => tf.sum(tf.mean(t, [0])))(x));
    const sizes = write.mock.calls.map(([values]) => values?.length ?? 0);
    write.mockRestore();
    return sizes;
  };
  // Outputs without values are written too, by the WASM backend.
  expect(written()).not.toContain(8);
  expect(byStock(written)).toContain(8);
  x.dispose();
});
