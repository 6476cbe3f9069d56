import { fc, test as property } from '@fast-check/vitest';
import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  averageSharpness,
  keskarSharpness,
  magnitudes,
  rhoCurve,
  samSharpness,
  worstCaseSharpness,
} from '../../src/index.ts';
import { lambdaMaxOf, linear, quadratic, squareOf } from '../support/losses.ts';

beforeAll(() => tf.setBackend('cpu'));

let x: tf.Tensor1D;
beforeEach(() => {
  x = tf.tensor1d([1, 1]);
});
afterEach(() => x.dispose());

const entry = fc.double({ min: -3, max: 3, noNaN: true }).map((v) => Math.fround(Math.abs(v) < 0.05 ? 0.5 : v));
const vector = (n: number) => fc.array(entry, { minLength: n, maxLength: n });
const matrix = (n: number) => fc.array(vector(n), { minLength: n, maxLength: n });
const settings = { seed: 17, numRuns: 2, endOnFailure: true };

const norm = (a: readonly number[], q: number): number =>
  q === Number.POSITIVE_INFINITY
    ? Math.max(...a.map(Math.abs))
    : a.reduce((sum, v) => sum + Math.abs(v) ** q, 0) ** (1 / q);
const dual = (p: number) => (p === 1 ? Number.POSITIVE_INFINITY : p === Number.POSITIVE_INFINITY ? 1 : p / (p - 1));

/** ½ρ²·x up to a share of it. */
const near = (found: number, wanted: number, share: number) =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(share * Math.abs(wanted) + 1e-6);

describe.each([1, 1.5, 2, 4, Number.POSITIVE_INFINITY])('of a linear loss, p = %s', (p) => {
  property.prop([vector(4), vector(4)], settings)(
    'every sharpness is ρ‖T∘a‖_q, however it is searched for',
    async (a, w) => {
      const params = tf.tensor1d(w);
      const start = tf.tidy(() => linear(a)(params, x).dataSync()[0] as number);
      const loss = (v: tf.Tensor, batch: tf.Tensor) => tf.sub(linear(a)(v, batch), start); // no cancellation
      const scale = magnitudes(params);
      const plain = 0.5 * norm(a, dual(p));
      const adaptive =
        0.5 *
        norm(
          a.map((v, i) => v * (w[i] as number)),
          dual(p),
        );
      const step = await samSharpness(loss, params, [x], { rho: 0.5, p });
      near(step.value, plain, 1e-5);
      near(step.promised, plain, 1e-5);
      near((await worstCaseSharpness(loss, params, [x], { rho: 0.5, p, iterations: 5 })).value, plain, 1e-5);
      near((await samSharpness(loss, params, [x], { rho: 0.5, p, scale })).value, adaptive, 1e-5);
      near((await worstCaseSharpness(loss, params, [x], { rho: 0.5, p, scale, iterations: 5 })).value, adaptive, 1e-5);
      tf.dispose([params, scale]);
    },
  );
});

describe('of ½wᵀAw at its minimum, worst-case sharpness', () => {
  const worst = async (rows: readonly (readonly number[])[], p: number, options = {}) => {
    const w = tf.zeros([rows.length]);
    const { value } = await worstCaseSharpness(quadratic(rows), w, [x], { rho: 0.5, p, ...options });
    w.dispose();
    return value;
  };

  property.prop([matrix(3)], settings)('for p = 2 is ½ρ²λ_max', async (b) => {
    const a = squareOf(b);
    near(await worst(a, 2, { iterations: 40 }), 0.125 * lambdaMaxOf(a), 0.01);
  });

  property.prop([matrix(3)], settings)('for p = 1 is ½ρ²·max Aᵢᵢ, in one of the corners', async (b) => {
    const a = squareOf(b);
    near(
      await worst(a, 1, { restarts: 7, iterations: 8 }),
      0.125 * Math.max(...a.map((row, i) => row[i] as number)),
      0.01,
    );
  });

  property.prop([matrix(3)], settings)('for p = ∞ and A ≥ 0 is ½ρ²·ΣAᵢⱼ', async (b) => {
    const a = squareOf(b.map((row) => row.map(Math.abs)));
    const all = a.flat().reduce((sum, v) => sum + v, 0);
    near(await worst(a, Number.POSITIVE_INFINITY, { restarts: 4 }), 0.125 * all, 1e-4);
  });

  property.prop([vector(3), fc.constantFrom(3, 4, 8)], settings)(
    'for p > 2 and a diagonal A is ½ρ²‖a‖_{p/(p-2)}',
    async (d, p) => {
      const a = d.map((v, i) => d.map((_, j) => (i === j ? Math.abs(v) : 0)));
      near(await worst(a, p, { iterations: 30 }), 0.125 * norm(d, p / (p - 2)), 0.01);
    },
  );

  property.prop([matrix(3), vector(3)], settings)('with a scale t is that of diag(t)·A·diag(t)', async (b, t) => {
    const a = squareOf(b);
    const scale = tf.tensor1d(t.map(Math.abs));
    const scaled = a.map((row, i) => row.map((v, j) => v * Math.abs((t[i] as number) * (t[j] as number))));
    near(await worst(a, 2, { scale, iterations: 60 }), 0.125 * lambdaMaxOf(scaled), 0.02);
    scale.dispose();
  });
});

property.prop([matrix(3), vector(3)], { seed: 5, numRuns: 1, endOnFailure: true })(
  'average-case sharpness of a quadratic is ½ρ²·tr A up to its standard error, which is ½ρ²·√(2‖A‖²_F / n), for A = diag(t)·A·diag(t)',
  async (b, t) => {
    const scaled = squareOf(b).map((row, i) => row.map((v, j) => v * (t[i] as number) * (t[j] as number)));
    const [w, scale] = [tf.tensor1d([0, 0, 0]), tf.tensor1d(t)];
    const options = { rho: 0.5, samples: 1000, scale, key: key(3) };
    const found = await averageSharpness(quadratic(squareOf(b)), w, [x], options);
    const error = 0.125 * Math.sqrt((2 / 1000) * scaled.flat().reduce((sum, v) => sum + v * v, 0));
    const trace = scaled.reduce((sum, row, i) => sum + (row[i] as number), 0);
    expect(Math.abs(found.value - 0.125 * trace)).toBeLessThan(4 * error);
    expect(Math.abs((found.standardError as number) / error - 1)).toBeLessThan(0.2);
    tf.dispose([w, scale]);
  },
);

property.prop([vector(3), vector(3)], settings)(
  'Keskar’s sharpness of a linear loss is 100·ε·Σ|aᵢ|(|wᵢ| + 1) / (1 + L)',
  async (a, w) => {
    const params = tf.tensor1d(w);
    const loss = (v: tf.Tensor, batch: tf.Tensor) => tf.add(linear(a)(v, batch), 30);
    const at = 30 + a.reduce((sum, v, i) => sum + v * (w[i] as number), 0);
    const wanted = (10 * a.reduce((sum, v, i) => sum + Math.abs(v) * (Math.abs(w[i] as number) + 1), 0)) / (1 + at);
    near((await keskarSharpness(loss, params, [x], { epsilon: 0.1, iterations: 2 })).value, wanted, 1e-4);
    params.dispose();
  },
);

test('a curve over ρ has the rises of samSharpness, for the gradients of one', async () => {
  const w = tf.tensor1d([1, -2]);
  const loss = quadratic([
    [2, 1],
    [1, 3],
  ]);
  const rhos = [0.1, 1, 3];
  const { points, gradients, losses } = await rhoCurve(loss, w, [x, x], { rhos });
  expect([gradients, losses]).toEqual([1, 3]);
  for (const [i, rho] of rhos.entries()) {
    const { value, promised, standardError, resolution } = await samSharpness(loss, w, [x, x], { rho });
    expect(points[i]).toEqual({
      rho,
      rise: value,
      standardError,
      resolution,
      promised,
      linearizationRatio: value / promised,
    });
  }
  w.dispose();
});
