import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { onWasm } from '../../../../tools/vitest/wasm.ts';
import { dot, norm, sum, type Tree } from '../../src/index.ts';
import { build, numbers, type Sketch, sketches } from '../support/trees.ts';

const vectors = JSON.parse(readFileSync(new URL('../fixtures/sam_vectors.json', import.meta.url), 'utf8'));

/** Entries of every size that float32 has without being subnormal. */
const anyFloat = fc
  .tuple(fc.double({ min: 1, max: 2, noNaN: true }), fc.integer({ min: -120, max: 120 }), fc.constantFrom(-1, 0, 1))
  .map(([mantissa, exponent, sign]) => Math.fround(sign * mantissa * 2 ** exponent));
const orders = fc.oneof(
  fc.constantFrom(1, 1.5, 2, 3, Number.POSITIVE_INFINITY),
  fc.double({ min: 1, max: 20, noNaN: true }),
);
const read = (x: tf.Tensor): number => x.dataSync()[0] ?? Number.NaN;
const flat = (sketch: Sketch) => numbers(sketch).flat();

/** ‖x‖ₚ in float64, scaled. */
function reference(x: readonly number[], p: number): number {
  const top = Math.max(0, ...x.map(Math.abs));
  if (top === 0 || p === Number.POSITIVE_INFINITY) return top;
  return top * x.reduce((total, v) => total + Math.abs(v / top) ** p, 0) ** (1 / p);
}

const relative = (actual: number, expected: number) =>
  actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);

describe('norm', () => {
  property.prop([sketches(anyFloat), orders])('is the closed form in float64, for entries of any size', (sketch, p) => {
    expect(relative(read(norm(build(sketch), p)), reference(flat(sketch), p))).toBeLessThan(1e-5);
  });

  property.prop([sketches(anyFloat), orders])('scales with its argument, exactly for powers of two', (sketch, p) => {
    const tree = build(sketch);
    const doubled = build(JSON.parse(JSON.stringify(sketch), (_, v) => (typeof v === 'number' ? 2 * v : v)));
    expect(read(norm(doubled, p))).toBe(2 * read(norm(tree, p)));
  });

  property.prop([fc.array(anyFloat, { minLength: 2, maxLength: 8 }), fc.nat({ max: 8 }), orders])(
    'does not depend on how a vector is cut into leaves',
    (x, cut, p) => {
      const whole = read(norm(tf.tensor1d(x), p));
      const parts = [tf.tensor1d(x.slice(0, cut), 'float32'), { rest: tf.tensor1d(x.slice(cut), 'float32') }];
      expect(relative(read(norm(parts, p)), whole)).toBeLessThan(1e-6);
    },
  );

  const fixtures = Object.entries(vectors).filter(([id]) => id.startsWith('epshat/g')) as [string, Vector][];
  type Vector = {
    inputs: { g: number[]; p: number | 'inf'; q: number | 'inf' };
    expected: { eps: number[]; first_order_gain: number };
  };
  const order = (p: number | 'inf') => (p === 'inf' ? Number.POSITIVE_INFINITY : p);

  test.each(fixtures)('agrees with the reference vectors: %s', (_, { inputs, expected }) => {
    // With rho = 1 the perturbation has norm 1 and gains the dual norm of the gradient.
    expect(relative(read(norm(tf.tensor1d(inputs.g), order(inputs.q))), expected.first_order_gain)).toBeLessThan(1e-6);
    expect(relative(read(norm(tf.tensor1d(expected.eps), order(inputs.p))), 1)).toBeLessThan(1e-6);
  });

  test('is over all leaves jointly', () => {
    const { inputs, expected } = vectors['epshat/pytree/p=2'];
    expect(read(norm({ w: tf.tensor2d(inputs.g.w), b: tf.tensor1d(inputs.g.b) }))).toBeCloseTo(expected.global_norm, 6);
  });

  test.each([1e-30, 1e30, 1e-38, 3e38])('neither underflows nor overflows at %d', (x) => {
    const tree = { a: tf.tensor1d([3 * x * 0.1, 0]), b: tf.scalar(-4 * x * 0.1) };
    expect(relative(read(norm(tree)), 0.5 * x)).toBeLessThan(1e-6);
    expect(relative(read(norm(tree, 1.1)), 0.1 * x * reference([3, 4], 1.1))).toBeLessThan(1e-6);
  });

  test('of zeros and of nothing is 0, for every order', () => {
    for (const p of [1, 1.5, 2, 7, Number.POSITIVE_INFINITY])
      for (const tree of [tf.zeros([3]), {}, [], null, tf.zeros([0]), { a: tf.zeros([0, 4]), b: tf.scalar(0) }])
        expect(read(norm(tree, p))).toBe(0);
  });

  test.each([1, 2, 3, Number.POSITIVE_INFINITY])(
    'of an infinite entry is Infinity and of a NaN is NaN, order %d',
    async (p) => {
      const check = () => {
        expect(read(norm({ a: tf.tensor1d([1, Number.NEGATIVE_INFINITY]), b: tf.scalar(2) }, p))).toBe(Infinity);
        expect(read(norm({ a: tf.tensor1d([1, Number.NaN]), b: tf.scalar(2) }, p))).toBeNaN();
        expect(read(norm({ a: tf.tensor1d([1, 2]), b: tf.scalar(Number.NaN) }, p))).toBeNaN();
      };
      check();
      await onWasm(check);
    },
  );

  test.each([0.99, 0, -1, Number.NaN])('refuses the order %d', (p) => {
    expect(() => norm(tf.scalar(1), p)).toThrow(`p must be at least 1, got ${p}.`);
  });

  test('takes int32 beside float32, as states hold counts', () => {
    const tree = { w: tf.tensor1d([3]), count: tf.scalar(4, 'int32') };
    expect(read(norm(tree))).toBe(5);
    expect(read(sum(tree))).toBe(7);
    expect(read(dot(tree, tree))).toBe(25);
  });
});

describe('sum', () => {
  const large = () => {
    const [ones, tenths] = [tf.ones([20_000_000]), tf.fill([1_000_000], 0.1)];
    const results = { ones: read(sum(ones)), tenths: read(sum(tenths)), length: read(norm(tenths)) };
    tf.dispose([ones, tenths]);
    return results;
  };

  const check = ({ ones, tenths, length }: ReturnType<typeof large>) => {
    expect(ones).toBe(2e7);
    expect(relative(tenths, 1e6 * Math.fround(0.1))).toBeLessThan(2e-6);
    expect(relative(length, 1e3 * Math.fround(0.1))).toBeLessThan(2e-6);
  };

  test('is exact over 2·10⁷ ones and accurate over 10⁶ tenths', () => check(large()));

  test('is so on WASM too, whose own sum is not', async () => {
    check(await onWasm(large));
    // The reason for the stages; when this fails, WASM's sum has become better.
    const own = await onWasm(() => tf.tidy(() => read(tf.sum(tf.ones([20_000_000])))));
    expect(own).toBe(2 ** 24);
  });

  property.prop([fc.integer({ min: 0, max: 5000 })])('takes leaves of any size into account whole', (n) => {
    expect(read(sum([tf.ones([n]), tf.ones([1, n])]))).toBe(2 * n);
  });

  test('of many leaves is staged too', () => {
    const one = tf.scalar(1);
    expect(read(sum(Array.from({ length: 3000 }, () => one)))).toBe(3000);
  });
});

describe('dot', () => {
  property.prop([fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })))])(
    'is the sum of products',
    (pairs) => {
      const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
      const tree = (x: number[]): Tree => ({
        head: tf.tensor1d(x.slice(0, 2), 'float32'),
        tail: [tf.tensor1d(x.slice(2), 'float32')],
      });
      expect(read(dot(tree(a), tree(b)))).toBe(pairs.reduce((total, [x, y]) => total + x * y, 0));
    },
  );

  test('of trees that differ names the place', () => {
    expect(() => dot({ w: tf.scalar(1) }, {})).toThrow('nothing at ".w"');
    expect(() => dot({ w: tf.zeros([2]) }, { w: tf.zeros([1]) })).toThrow('Trees differ at ".w": shapes [2] and [1].');
  });
});

test('norm, sum and dot leave one tensor each, and none when they throw', () => {
  const tree = { a: tf.ones([3000]), b: [tf.scalar(2)] };
  const before = tf.memory().numTensors;
  for (const p of [1, 1.5, 2, Number.POSITIVE_INFINITY]) norm(tree, p).dispose();
  sum(tree).dispose();
  dot(tree, tree).dispose();
  expect(() => dot(tree, { a: tree.a, b: [] })).toThrow();
  expect(() => dot(tree, { a: tf.ones([7]), b: [tf.scalar(2)] })).toThrow();
  expect(tf.memory().numTensors - before).toBe(2);
});
