import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { muon, orthogonalize, scaleByMuon, scaleByShape, sgd } from '../../src/index.ts';
import { numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Matrix = readonly (readonly number[])[];

/** What some Newton-Schulz steps make of one singular value. */
const quintic = (s: number, steps: number): number =>
  steps === 0 ? s : quintic(3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5, steps - 1);

/** An orthogonal matrix: a product of rotations of neighboring axes. */
function rotation(size: number, angles: readonly number[]): Matrix {
  let q: number[][] = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  for (const [k, angle] of size > 1 ? angles.entries() : []) {
    const [a, b, c, s] = [k % size, (k + 1) % size, Math.cos(angle), Math.sin(angle)];
    q = q.map((row) =>
      row.map((x, j) => (j === a ? c * x - s * (row[b] ?? 0) : j === b ? s * (row[a] ?? 0) + c * x : x)),
    );
  }
  return q;
}

/** U·diag(s)·Vᵀ of the first columns of two orthogonal matrices, row by row. */
const product = (u: Matrix, s: readonly number[], v: Matrix): number[] =>
  u.flatMap((row) => v.map((other) => s.reduce((sum, sk, k) => sum + sk * (row[k] ?? 0) * (other[k] ?? 0), 0)));

const angles = fc.array(fc.double({ min: 0, max: 6, noNaN: true }), { minLength: 6, maxLength: 6 });
const sizes = fc.constantFrom<readonly [number, number]>([2, 2], [3, 3], [5, 3], [2, 4], [1, 3], [4, 1]);
const values = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
const orders = fc.constantFrom(1e-30, 1e-12, 1, 1e20, 1e37);

describe('orthogonalize', () => {
  test('takes every singular value through the quintic, and keeps both bases, at every scale and shape', () => {
    fc.assert(
      fc.property(
        sizes,
        values,
        angles,
        angles,
        orders,
        fc.constantFrom(1, 3, 5),
        ([rows, columns], drawn, a, b, order, steps) => {
          const s = drawn.slice(0, Math.min(rows, columns));
          const [u, v] = [rotation(rows, a), rotation(columns, b)];
          const length = Math.hypot(...s);
          const end = s.map((sk) => quintic(sk / length, steps));
          const matrix = tf.tensor(
            product(u, s, v).map((x) => x * order),
            [rows, columns],
          );
          const made = orthogonalize(matrix, steps);
          expectNear([...numbers(made), 1], [...product(u, end, v), 1], 1e-4);
          dispose(matrix, made);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  test('puts singular values from a hundredth of the norm on between 0.68 and 1.21, and not nearer', () => {
    const all = Array.from({ length: 2000 }, (_, i) => quintic(0.01 + (0.99 * i) / 1999, 5));
    expect(Math.min(...all)).toBeGreaterThan(0.68);
    expect(Math.max(...all)).toBeLessThan(1.21);
    expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(0.4);
  });

  test('sees a kernel as [rest, out], and gives zero for zero and nothing for nothing', () => {
    tf.tidy(() => {
      const kernel = tf.tensor(
        Array.from({ length: 24 }, (_, i) => Math.sin(i)),
        [3, 2, 1, 4],
      );
      expect(numbers(orthogonalize(kernel))).toEqual(numbers(orthogonalize(tf.reshape(kernel, [6, 4]))));
      const made = orthogonalize({ none: tf.zeros([3, 0]), zero: tf.zeros([2, 3]), one: tf.scalar(-7) });
      expect(made.none.shape).toEqual([3, 0]);
      expectNear(numbers(made), [0, 0, 0, 0, 0, 0, -quintic(1, 5)]);
    });
  });

  test.each([0, 1.5, Number.NaN])('refuses %s steps', (steps) => {
    expect(() => orthogonalize(tf.scalar(1), steps)).toThrow(`steps must be a positive whole number, got ${steps}.`);
  });
});

describe('scaleByMuon', () => {
  test('is blind to the length of the gradients', () => {
    const run = (length: number) =>
      tf.tidy(() => {
        const link = scaleByMuon();
        const w: tf.Tensor = tf.zeros([2, 3]);
        let state = link.init(w);
        return [1, 2, 3].flatMap((step) => {
          const grads: tf.Tensor = tf.tensor2d(
            [1, -2, step, 0.5, step * step, -1].map((x) => x * length),
            [2, 3],
          );
          const [evaluation, next] = link.update(() => ({ value: tf.scalar(0), grads, aux: null }), state, w, null);
          state = next;
          return numbers(evaluation.grads);
        });
      });
    expectNear(run(1e-25), run(1), 1e-5);
    expectNear(run(1e25), run(1), 1e-5);
  });
});

describe('scaleByShape', () => {
  const factor = (shape: number[], options = {}) =>
    tf.tidy(() => {
      const grads: tf.Tensor = tf.ones(shape);
      const link = scaleByShape(options);
      return link.update(() => ({ value: tf.scalar(0), grads, aux: null }), null, grads, null)[0].grads.dataSync()[0];
    });

  test.each([
    [[2, 8], 2, 0.2 * Math.sqrt(8)],
    [[8, 2], 1, 0.2 * Math.sqrt(8)],
    [[3, 3, 1, 36], 2, 1.2],
    [[3, 3, 4, 2], 1, 1.2],
    [[9], 3, 0.6],
    [[], 1, 0.2],
  ])('multiplies a leaf of shape %j by %d, or for an RMS of 0.2 by %d', (shape, plain, consistent) => {
    expect(factor(shape)).toBeCloseTo(plain, 5);
    expect(factor(shape, { consistentRms: 0.2 })).toBeCloseTo(consistent, 5);
  });

  test('makes the entries of an orthogonal matrix 0.2 in the mean of squares, as AdamW does', () => {
    tf.tidy(() => {
      // The first columns of a rotation: exactly orthogonal.
      const u = rotation(6, [0.3, 1.2, 2, 0.7, 4, 1, 0.1, 3, 2.2, 1.7]).map((row) => row.slice(0, 4));
      for (const matrix of [tf.tensor2d(u), tf.transpose(tf.tensor2d(u))]) {
        const gradient = () => ({ value: tf.scalar(0), grads: matrix as tf.Tensor, aux: null });
        const [{ grads }] = scaleByShape({ consistentRms: 0.2 }).update(gradient, null, matrix as tf.Tensor, null);
        const squares = numbers(grads).map((x) => x * x);
        expect(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length)).toBeCloseTo(0.2, 6);
      }
    });
  });
});

describe('muon', () => {
  const params = () => ({ kernel: tf.ones([2, 2, 1, 3]), embedding: tf.ones([4, 2]), bias: tf.ones([3]) });
  const step = (optimizer: ReturnType<typeof muon>) =>
    tf.tidy(() => {
      const w = params();
      const gradient = () => ({ value: tf.scalar(0), grads: params(), aux: null });
      const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, null);
      return Object.fromEntries(Object.entries(grads).map(([name, leaf]) => [name, numbers(leaf)[0] ?? Number.NaN]));
    });

  test('orthogonalizes what has two axes, and hands the others to the rest', () => {
    const made = step(muon(1, { rest: sgd(0.25) }));
    // All ones is of rank 1: its only singular value is its norm.
    expect(made.kernel).toBeCloseTo(-quintic(1, 5) / Math.sqrt(12), 4);
    expect(made.embedding).toBeCloseTo(-quintic(1, 5) / Math.sqrt(8), 4);
    expect(made.bias).toBe(-0.25);
  });

  test('leaves to the rest what `select` does not choose', () => {
    const made = step(muon(1, { select: (path) => path === '.kernel', rest: sgd(0.25) }));
    expect([made.embedding, made.bias]).toEqual([-0.25, -0.25]);
  });

  test('takes networks of matrices alone, and of none', () => {
    tf.tidy(() => {
      for (const w of [tf.ones([2, 2]), tf.ones([3]), {}]) {
        const optimizer = muon(0.1, { rest: sgd(0.25) });
        const [, state] = optimizer.update(
          (at) => ({ value: tf.scalar(0), grads: at, aux: null }),
          optimizer.init(w),
          w,
          null,
        );
        expect(Object.keys(state)).toEqual(w instanceof tf.Tensor && w.rank === 2 ? ['matrices'] : ['rest']);
      }
    });
  });
});
