import { fc, test } from '@fast-check/vitest';
import { registerNative } from '@steppe/native';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { addScaled, decayed, dot, leaves, minus, norm, normalized, plus, scaled, type Tree } from '../../src/index.ts';

await registerNative();
afterAll(() => tf.setBackend('cpu'));

const value = fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround);
const magnitude = fc.constantFrom(1, 1e-37, 1e-20, 1e20, 3e38);
const vector = fc.tuple(fc.array(value, { minLength: 1, maxLength: 40 }), magnitude);
const pair = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 });

const treeOf = (values: readonly number[]): Tree => ({
  head: tf.tensor1d(values.slice(0, 3)),
  rest: [tf.tensor1d(values.slice(3)), null, tf.scalar(values[0] ?? 0)],
});
const flat = (tree: Tree): number[] => leaves(tree).flatMap(({ leaf }) => Array.from(leaf.dataSync()));
const length = (xs: readonly number[]): number => Math.hypot(...xs);

describe.each(['cpu', 'native'])('whole trees on %s', (backend) => {
  const on = (run: () => void): void => {
    tf.setBackend(backend);
    const before = tf.memory().numTensors;
    tf.tidy(run);
    expect(tf.memory().numTensors).toBe(before);
  };

  test.prop([vector], { numRuns: 60 })('normalized gives the length that is asked for', ([values, size]) =>
    on(() => {
      const tree = treeOf(values.map((v) => Math.fround(v * size)));
      const exact = flat(tree);
      const { tree: unit, norm: measured } = normalized(tree, 0.5);
      const zero = length(exact) === 0;
      expect(length(flat(unit))).toBeCloseTo(zero ? 0 : 0.5, 6);
      if (!zero)
        for (const [i, u] of flat(unit).entries()) expect(u).toBeCloseTo((0.5 * (exact[i] ?? 0)) / length(exact), 6);
      // Below 10⁻³⁸ float32 has fewer digits.
      const slack = 1e-6 * length(exact) + 2e-45;
      if (length(exact) < 3.4e38)
        expect(Math.abs((measured.dataSync()[0] ?? 0) - length(exact))).toBeLessThanOrEqual(slack);
    }),
  );

  test.prop([pair, fc.constantFrom(0, 1, -1, 0.3)], { numRuns: 60 })(
    'addScaled, scaled and dot are what they say',
    (xs, c) =>
      on(() => {
        const [a, b] = [treeOf(xs.map(([x]) => x)), treeOf(xs.map(([, y]) => y))];
        const [as, bs] = [flat(a), flat(b)];
        for (const [i, y] of flat(addScaled(a, c, b)).entries())
          expect(y).toBeCloseTo((as[i] ?? 0) + c * (bs[i] ?? 0), 6);
        for (const [i, y] of flat(scaled(a, tf.scalar(c))).entries()) expect(y).toBeCloseTo(c * (as[i] ?? 0), 6);
        expect(dot(a, b).dataSync()[0]).toBeCloseTo(
          as.reduce((sum, x, i) => sum + x * (bs[i] ?? 0), 0),
          5,
        );
      }),
  );

  it('keeps the structure, and what lies in it beside tensors', () =>
    on(() => {
      const sum = addScaled({ a: tf.ones([2]), step: 3, none: null }, 2, { a: tf.ones([2]), step: 5, none: null });
      expect({ ...sum, a: sum.a.arraySync() }).toEqual({ a: [3, 3], step: 3, none: null });
      expect(scaled({}, 2)).toEqual({});
    }));

  it('hands NaN and infinity on', () =>
    on(() => {
      for (const p of [1, 2, Number.POSITIVE_INFINITY]) {
        expect(norm([tf.tensor1d([1, Number.NaN]), tf.scalar(Number.POSITIVE_INFINITY)], p).arraySync()).toBeNaN();
        expect(norm(tf.tensor1d([1, Number.NEGATIVE_INFINITY]), p).arraySync()).toBe(Number.POSITIVE_INFINITY);
      }
      expect(flat(normalized(tf.tensor1d([1, Number.NaN])).tree)[1]).toBeNaN();
    }));

  it('names the leaf that has no partner, and broadcasts no shape', () => {
    expect(() => addScaled({ w: tf.ones([1]) }, 1, {})).toThrow('Trees differ: nothing at ".w" to pair with.');
    for (const join of [
      dot,
      plus,
      minus,
      (a: Tree, b: Tree) => addScaled(a, 0.5, b),
      (a: Tree, b: Tree) => decayed(a, b, 0.9),
    ])
      for (const shape of [[1], [], [3, 2]])
        expect(() => join({ w: tf.ones([2]) }, { w: tf.ones(shape) })).toThrow(
          `Trees differ at ".w": shapes [2] and [${shape}].`,
        );
  });

  it('has gradients inside of a loss', () =>
    on(() => {
      const g = tf.grad((w) => tf.sum(tf.square(scaled(addScaled(w, 2, w), 0.5))))(tf.tensor1d([3, 4]));
      expect(Array.from(g.dataSync()).map((x) => x.toFixed(2))).toEqual(['13.50', '18.00']);
    }));
});

it('runs in one call on a backend that has the kernels', async () => {
  await tf.setBackend('native');
  const tree = treeOf([1, 2, 3, 4, 5]);
  const { kernelNames } = await tf.profile(() => {
    const { tree: unit } = normalized(addScaled(scaled(tree, 2), 3, tree));
    return [dot(unit, tree), norm(unit)];
  });
  expect([...kernelNames].filter((name) => name.startsWith('Steppe')).sort()).toEqual([
    'SteppeTreeAddScaled',
    'SteppeTreeDot',
    'SteppeTreeNorm',
    'SteppeTreeNormalize',
    'SteppeTreeScale',
  ]);
  expect(kernelNames).toHaveLength(5);
});
