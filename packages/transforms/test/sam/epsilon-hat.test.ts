import { dispose, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dualExponent, dualNorm, epsilonHat } from '../../src/index.ts';
import { corners, numbers, plans, withTree } from '../support/trees.ts';
import { expectEach, number, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Given = { g?: Nested; z?: number[]; p?: number | string | (number | string)[]; rho: number; c?: number[] };
type Nested = number | readonly Nested[] | { readonly [key: string]: Nested };
type Wanted = {
  eps?: Nested;
  eps_first?: number[];
  exact?: number[];
  eps_pnorm?: number;
  first_order_gain?: number;
  gain?: number;
};

const isRecord = (x: Nested): x is { readonly [key: string]: Nested } => typeof x === 'object' && !Array.isArray(x);
const tensors = (x: Nested): Tree =>
  isRecord(x)
    ? Object.fromEntries(Object.entries(x).map(([key, child]) => [key, tensors(child)]))
    : tf.tensor(x as tf.TensorLike, undefined, 'float32');
const flat = (x: Nested): readonly number[] =>
  typeof x === 'number' ? [x] : (isRecord(x) ? Object.values(x) : x).flatMap(flat);

/** ‖x‖ₚ in float64, scaled by the largest entry. */
function norm64(x: readonly number[], p: number): number {
  const largest = Math.max(0, ...x.map(Math.abs));
  if (largest === 0 || p === Number.POSITIVE_INFINITY) return largest;
  return largest * x.reduce((sum, xi) => sum + Math.abs(xi / largest) ** p, 0) ** (1 / p);
}

/** ⟨a, b⟩ / max|b| in float64, which does not overflow. */
const gain64 = (a: readonly number[], b: readonly number[]): number => {
  const largest = Math.max(...b.map(Math.abs));
  return a.reduce((sum, ai, i) => sum + ai * ((b[i] ?? 0) / largest), 0);
};

describe('reference values', () => {
  test.each(vectors<Given, Wanted>('epshat/'))('$id', ({ inputs, expected }) => {
    const g = inputs.g ?? inputs.z ?? [];
    const want = flat(expected.eps ?? expected.eps_first ?? expected.exact ?? []);
    for (const p of [inputs.p ?? 2].flat().map(number))
      for (const c of inputs.c ?? [1]) {
        tf.tidy(() => {
          const grads = map(tensors(g), (leaf) => tf.mul(leaf, c));
          const epsilon = numbers(epsilonHat(grads, inputs.rho, p));
          expectEach(epsilon, want);
          if (expected.eps_pnorm !== undefined) expect(norm64(epsilon, p)).toBeCloseTo(expected.eps_pnorm, 6);
          const gain = expected.first_order_gain ?? expected.gain;
          if (gain !== undefined) expectEach([inputs.rho * dualNorm(grads, p).arraySync()], [gain]);
        });
      }
  });
});

/** Numbers of one gradient spread over up to 12 orders of magnitude, around any one that float32 has. */
const gradients: fc.Arbitrary<readonly number[]> = fc
  .tuple(
    fc.integer({ min: -38, max: 37 }),
    fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -12, max: 0 })), {
      minLength: 1,
      maxLength: 12,
    }),
  )
  .map(([order, entries]) => entries.map(([x, lower]) => Math.fround(x * 3 * 10 ** (order + lower))));

const nonzero = gradients.filter((g) => g.some((x) => x !== 0));

const orders: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1, 2, Number.POSITIVE_INFINITY, 1 + 1e-12, 1.000001, 1.0001, 1e6, 1e20, 1e300),
  fc.double({ min: 1, max: 1.2, noNaN: true }),
  fc.double({ min: 1, max: 10, noNaN: true }),
  fc.double({ min: 10, max: 1e4, noNaN: true }),
);

const radii = fc.constantFrom(1e-3, 0.05, 1, 20).map(Math.fround);

/** ε̂ of a gradient that is split over two leaves with an empty one between them. */
const solve = (g: readonly number[], rho: number, p: number): number[] =>
  tf.tidy(() => {
    const half = g.length >> 1;
    const tree = { a: tf.tensor1d(g.slice(0, half)), none: tf.zeros([0]), b: [tf.tensor1d(g.slice(half))] };
    return numbers(epsilonHat(tree, rho, p));
  });

describe('for every nonzero float32 gradient and every p in [1, ∞]', () => {
  const runs = { numRuns: 120 };

  test('‖ε̂‖ₚ = ρ and ⟨ε̂, g⟩ = ρ‖g‖_q', () => {
    fc.assert(
      fc.property(nonzero, radii, orders, (g, rho, p) => {
        const epsilon = solve(g, rho, p);
        expectEach([norm64(epsilon, p)], [rho]);
        expectEach([gain64(epsilon, g)], [(rho * norm64(g, dualExponent(p))) / norm64(g, Number.POSITIVE_INFINITY)]);
      }),
      runs,
    );
  });

  test('no point of the p-ball has a larger inner product', () => {
    fc.assert(
      fc.property(
        nonzero,
        radii,
        orders,
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (g, rho, p, draws) => {
          const best = gain64(solve(g, rho, p), g);
          for (let trial = 0; trial < 20; trial++) {
            const sharp = trial % 2 === 0 ? 1 : 9;
            const direction = g.map((x) => Math.sign(x) * Math.abs(draws.next().value ?? 0) ** sharp);
            const length = norm64(direction, p);
            if (length === 0) continue;
            const feasible = direction.map((d) => (d / length) * rho);
            expect(gain64(feasible, g)).toBeLessThanOrEqual(best * (1 + 2e-5));
          }
        },
      ),
      runs,
    );
  });

  test('ε̂(c·g) = ε̂(g) for c > 0, bit for bit where c·g is exact', () => {
    fc.assert(
      fc.property(nonzero, fc.integer({ min: -60, max: 60 }), radii, orders, (g, exponent, rho, p) => {
        const scaled = g.map((x) => x * 2 ** exponent);
        fc.pre(scaled.every((x) => Math.fround(x) === x));
        expect(solve(scaled, rho, p)).toEqual(solve(g, rho, p));
      }),
      runs,
    );
  });

  test('ε̂(-g) = -ε̂(g), bit for bit', () => {
    fc.assert(
      fc.property(nonzero, radii, orders, (g, rho, p) => {
        const positive = (x: number) => x + 0;
        expect(
          solve(
            g.map((x) => -x),
            rho,
            p,
          ).map(positive),
        ).toEqual(solve(g, rho, p).map((x) => positive(-x)));
      }),
      runs,
    );
  });

  test("is the whole gradient's, however it is cut into leaves", () => {
    fc.assert(
      fc.property(nonzero, radii, orders, (g, rho, p) => {
        const whole = tf.tidy(() => numbers(epsilonHat(tf.tensor1d([...g]), rho, p)));
        expectEach(solve(g, rho, p), whole);
      }),
      runs,
    );
  });
});

test('a zero gradient gives a zero perturbation for every p, with the structure of the gradient', () => {
  for (const plan of corners)
    for (const p of [1, 1.5, 2, 3, 1e9, Number.POSITIVE_INFINITY])
      withTree(plan, (tree) => {
        const zeros = map(tree, (leaf) => tf.zerosLike(leaf));
        for (const x of numbers(epsilonHat(zeros, 0.5, p))) expect(Math.abs(x)).toBe(0);
      });
});

test('p = 1 puts all of rho on the first largest coordinate, over all leaves in order', () => {
  const ties = {
    a: tf.tensor1d([1, 0]),
    b: tf.tensor2d([
      [1, -3],
      [3, 2],
    ]),
    c: tf.scalar(-3),
  };
  expect(numbers(epsilonHat(ties, 0.5, 1)).map((x) => x + 0)).toEqual([0, 0, 0, -0.5, 0, 0, 0]);
  dispose(ties);
});

test('p = ∞ moves every coordinate whose gradient is not zero, however small', () => {
  const epsilon = tf.tidy(() =>
    numbers(epsilonHat(tf.tensor1d([1e38, -1e-30, 1e-44, 0]), 0.25, Number.POSITIVE_INFINITY)),
  );
  expect(epsilon.map((x) => x + 0)).toEqual([0.25, -0.25, 0.25, 0]);
});

test('a radius may be a scalar tensor', () => {
  expectEach(
    tf.tidy(() => numbers(epsilonHat(tf.tensor1d([3, -4]), tf.scalar(5)))),
    [3, -4],
  );
});

test('the first largest of near ties is found, also when they differ in the last bit', () => {
  fc.assert(
    fc.property(fc.float({ min: Math.fround(1e-30), max: Math.fround(1e30), noNaN: true }), (m) => {
      const below = Math.fround(m * (1 - 2 ** -24));
      fc.pre(below < m);
      expect(solve([below, -below, m, m], 1, 1).map((x) => x + 0)).toEqual([0, 0, 1, 0]);
    }),
  );
});

test('a NaN in the gradient is not hidden', () => {
  expect(solve([1, Number.NaN], 0.5, 2).some(Number.isNaN)).toBe(true);
});

test('leaves one tensor for each leaf, and an input that no function of it aliases', () => {
  fc.assert(
    fc.property(plans(), orders, (plan, p) => {
      const before = tf.memory().numTensors;
      withTree(plan, (grads) => {
        const leavesBefore = tf.memory().numTensors;
        const epsilon = epsilonHat(grads, 0.1, p);
        expect(tf.memory().numTensors - leavesBefore).toBe(leavesBefore - before);
        dispose(epsilon);
        expect(tf.memory().numTensors).toBe(leavesBefore);
        return null;
      });
      expect(tf.memory().numTensors).toBe(before);
    }),
  );
});

test('one search for the largest entry is enough for any p', async () => {
  for (const p of [1, 1.5, 2]) {
    const grads = { kernel: tf.ones([3]), bias: tf.ones([2]) };
    const { kernels, result } = await tf.profile(() => epsilonHat(grads, 0.1, p));
    expect(kernels.filter(({ name }) => name === tf.Max)).toHaveLength(3); // of each leaf, and of these
    dispose(grads, result as typeof grads);
  }
});

describe('dualExponent', () => {
  test('1/p + 1/q = 1, and the dual of the dual is p', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.001, max: 1e3, noNaN: true }), (p) => {
        expect(1 / p + 1 / dualExponent(p)).toBeCloseTo(1, 12);
        expect(dualExponent(dualExponent(p)) / p).toBeCloseTo(1, 9);
      }),
    );
    expect([1, Number.POSITIVE_INFINITY].map(dualExponent)).toEqual([Number.POSITIVE_INFINITY, 1]);
  });

  test('refuses what is no norm', () => {
    for (const p of [0.5, 0, -1, Number.NaN]) {
      expect(() => dualExponent(p)).toThrow(`p must be at least 1, got ${p}.`);
      expect(() => epsilonHat(tf.scalar(1), 0.1, p)).toThrow(`p must be at least 1, got ${p}.`);
    }
  });
});
