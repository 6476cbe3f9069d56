import { key, normals } from '@steppe/random';
import { dispose, leaves, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  diagonal,
  effectiveDimension,
  fisher,
  frobeniusNorm,
  gaussNewton,
  hessian,
  lambdaMax,
  type SymmetricOperator,
  spectralDensity,
  topEigenvalues,
  trace,
} from '../../src/index.ts';
import { distance } from '../support/matrices.ts';

const full = fc.constant([2]);
const shapes = fc.oneof({ weight: 2, arbitrary: full }, { weight: 1, arbitrary: fc.constantFrom([0], [0, 3], [2, 0]) });
const records = (leaf: fc.Arbitrary<unknown>) => fc.dictionary(fc.constantFrom('a', 'b', 'c'), leaf, { minKeys: 1 });
const trees: fc.Arbitrary<Tree> = fc
  .tuple(full, records(fc.oneof(shapes, fc.array(shapes, { minLength: 1, maxLength: 3 }), records(shapes))))
  .map(([first, rest]) => shaped({ first, rest }));

/** Numbers in the place of shapes. */
function shaped(shape: unknown, seed = 1): Tree {
  if (Array.isArray(shape) && shape.every((extent) => typeof extent === 'number'))
    return tf.tensor(normals(key(seed), tf.util.sizeFromShape(shape)), shape);
  const below = Object.entries(shape as object).map(([name, each], i) => [name, shaped(each, 7 * seed + i)] as const);
  return Array.isArray(shape) ? below.map(([, each]) => each) : Object.fromEntries(below);
}

/** Σ of the leaves that hold numbers, times each example. */
const outputs = (w: Tree, x: tf.Tensor): tf.Tensor =>
  tf.matMul(
    x as tf.Tensor2D,
    tf.reshape(tf.addN(leaves(w).flatMap(({ leaf }) => (leaf.size === 2 ? [leaf] : []))), [2, 1]),
  );
const loss = (f: tf.Tensor): tf.Tensor => tf.mean(tf.mul(0.5, tf.square(f)));
const parts = { outputs, loss };
const rows = (count: number, seed: number): tf.Tensor => tf.tensor2d(normals(key(seed), 2 * count), [count, 2]);

/** Every operator over examples. */
const operators: readonly (readonly [
  name: string,
  product: string,
  make: (w: Tree, batches: readonly tf.Tensor[]) => SymmetricOperator<Tree>,
])[] = [
  [
    'hessian',
    'loss or Hessian product',
    (w, batches) => hessian((at, x: tf.Tensor) => loss(outputs(at, x)), w, batches),
  ],
  ['gaussNewton', 'Gauss-Newton product', (w, batches) => gaussNewton(parts, w, batches)],
  ['fisher', 'Fisher product', (w, batches) => fisher(parts, w, batches)],
];

/** Everything that takes an operator. */
const algorithms: readonly ((operator: SymmetricOperator<Tree>) => Promise<unknown>)[] = [
  (A) => topEigenvalues(A, { count: 1 }),
  (A) => lambdaMax(A),
  (A) => trace(A, { sketch: 1, samples: 2 }),
  (A) => frobeniusNorm(A, { samples: 2 }),
  (A) => effectiveDimension(A, 1, { steps: 2, probes: 2 }),
  (A) => spectralDensity(A, { steps: 2, probes: 1 }),
  async (A) => {
    const { value, standardError } = await diagonal(A, { samples: 2 });
    dispose(value, standardError);
  },
];

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  );

test.each(operators)('%s names the batch whose product is none, whatever asks for it', async (_, product, make) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.nat(3),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      fc.constantFrom(...algorithms),
      async (count, broken, value, run) => {
        const number = 1 + (broken % count);
        const batches = Array.from({ length: count }, (_, i) =>
          i + 1 === number ? tf.tensor2d([[1, value]]) : rows(2, i),
        );
        const w = { first: tf.tensor1d([1, 2]) };
        const before = tf.memory().numTensors;
        expect(await messageOf(run(make(w, batches)))).toMatch(
          new RegExp(`^The ${product} of batch ${number} is not finite, it sums to (NaN|-?Infinity): look for`),
        );
        expect(tf.memory().numTensors).toBe(before);
        dispose(w, batches);
      },
    ),
    { numRuns: 15, seed: 15 },
  );
});

test.each(operators)('%s refuses trees that do not match, by path, and leaves nothing', async (_, __, make) => {
  await fc.assert(
    fc.asyncProperty(trees, fc.nat(20), fc.boolean(), async (w, pick, missing) => {
      const [places, batches] = [leaves(w), [rows(2, 1)]];
      const { path } = places[pick % places.length] as { path: string };
      const odd = (leaf: tf.Tensor) => tf.zeros([...leaf.shape, 1]);
      // A leaf of another shape, or none at its place.
      const v = map(w, (leaf, at) => (at === path && !missing ? odd(leaf) : tf.clone(leaf)));
      const whole = missing ? without(v, path) : v;
      const before = tf.memory().numTensors;
      const message = await messageOf(make(w, batches).multiply(whole));
      expect(message).toContain(path);
      expect(message).toMatch(missing ? /^Trees differ: / : /^v has shape \[/);
      expect(tf.memory().numTensors).toBe(before);
      dispose(w, v, batches);
    }),
    { numRuns: 15, seed: 15 },
  );
});

/** A tree with plain data in the place of one leaf. */
function without(tree: Tree, path: string, at = ''): Tree {
  if (at === path) return null;
  if (tree instanceof tf.Tensor || !(tree instanceof Object)) return tree;
  const below = Object.entries(tree).map(
    ([name, each]) =>
      [name, without(each as Tree, path, Array.isArray(tree) ? `${at}[${name}]` : `${at}.${name}`)] as const,
  );
  return Array.isArray(tree) ? below.map(([, each]) => each) : Object.fromEntries(below);
}

test.each(operators)('leaves without numbers change nothing for %s, nor for what takes it', async (_, __, make) => {
  await fc.assert(
    fc.asyncProperty(trees, fc.constantFrom(...algorithms), async (w, run) => {
      const batches = [rows(3, 2)];
      const filled = leaves(w).filter(({ leaf }) => leaf.size > 0);
      const only = filled.map(({ leaf }) => leaf);
      const before = tf.memory().numTensors;
      const [operator, bare] = [make(w, batches), make(only, batches)];
      expect(operator.dimension).toBe(2 * filled.length);
      const [product, wanted] = [await operator.multiply(w), await bare.multiply(only)];
      expect(leaves(product).map(({ leaf }) => leaf.shape)).toEqual(leaves(w).map(({ leaf }) => leaf.shape));
      const numbers = [product, wanted].map((tree) => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]));
      expect(distance(numbers[0] ?? [], numbers[1] ?? [])).toBeLessThan(1e-5);
      dispose(product, wanted);
      await run(operator);
      expect(tf.memory().numTensors).toBe(before);
      dispose(w, batches);
    }),
    { numRuns: 15, seed: 15 },
  );
});

test.each([
  ['LRN', (x: tf.Tensor) => tf.localResponseNormalization(tf.reshape(x, [1, 1, 1, -1]) as tf.Tensor4D)],
  ['CropAndResize', (x: tf.Tensor) => cropped(tf.reshape(x, [1, 1, 1, -1]) as tf.Tensor4D)],
  ['softmaxCrossEntropy__op', (x: tf.Tensor) => tf.losses.softmaxCrossEntropy(tf.onesLike(x), x)],
] as const)('every operator refuses %s, which has no second derivative, by its name', async (name, op) => {
  const [w, batches] = [tf.tensor1d([1, 2]), [tf.tensor1d([3])]];
  const whole = (at: tf.Tensor, x: tf.Tensor) => tf.sum(tf.square(op(tf.mul(at, x))));
  const inside = { outputs: (at: tf.Tensor, x: tf.Tensor) => op(tf.mul(at, x)).reshape([1, -1]), loss };
  const before = tf.memory().numTensors;
  for (const operator of [hessian(whole, w, batches), gaussNewton(inside, w, batches), fisher(inside, w, batches)])
    expect(await messageOf(operator.multiply(w))).toMatch(
      new RegExp(`^${name} has no (verified second derivative|gradient):? `),
    );
  expect(tf.memory().numTensors).toBe(before);
  dispose(w, batches);
});

const cropped = (x: tf.Tensor4D): tf.Tensor =>
  tf.image.cropAndResize(x, tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], 'int32'), [1, 2]);
