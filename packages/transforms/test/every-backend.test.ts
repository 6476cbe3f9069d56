import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { registerNative } from '@steppe/native';
import { leaves, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clipByGlobalNorm,
  dualExponent,
  dualNorm,
  epsilonHat,
  epsilonHatDerivative,
  type GradientTransformation,
  projectOntoBall,
  scaleByAdam,
  scaleByLion,
  scaleByRms,
  scaleByTrustRatio,
  skipNonFinite,
} from '../src/index.ts';
import { batchOf, gradient } from './support/gradients.ts';
import { oneOfEach, secondOrder } from './support/registry.ts';
import { numbers } from './support/trees.ts';

const RHO = 0.05;
const PS = [1, 1.25, 2, 3, 10, Number.POSITIVE_INFINITY];

/** Gradients of all sizes that float32 has, with entries of many orders beside each other. */
const entry = fc.tuple(fc.integer({ min: -38, max: 37 }), fc.double({ min: 1, max: 9.9, noNaN: true }), fc.boolean());
const sized = (near: number): fc.Arbitrary<number> =>
  entry.map(([order, x, up]) => (up ? 1 : -1) * x * 10 ** Math.max(-38, Math.min(37, near + (order % 8))));
const gradients = fc
  .integer({ min: -38, max: 37 })
  .chain((near) => fc.tuple(fc.array(sized(near), { minLength: 1, maxLength: 70 }), sized(near)))
  .map(([kernel, bias]) => ({ kernel: kernel.map(Math.fround), bias: Math.fround(bias) }));

const planted = ({ kernel, bias }: { readonly kernel: readonly number[]; readonly bias: number }): Tree => ({
  kernel: tf.tensor1d([...kernel]),
  bias: tf.scalar(bias),
});

/** ε̂ in float64, from g / max|g|, whose ends are exact. */
function expected(g: readonly number[], p: number): number[] {
  const largest = Math.max(...g.map(Math.abs));
  if (p === Number.POSITIVE_INFINITY) return g.map((x) => RHO * Math.sign(x));
  if (p === 1) {
    const first = g.findIndex((x) => Math.abs(x) === largest);
    return g.map((x, i) => (i === first ? RHO * Math.sign(x) : 0));
  }
  const q = dualExponent(p);
  const units = g.map((x) => Math.abs(x) / largest);
  const total = units.reduce((sum, u) => sum + u ** q, 0) ** (1 / p);
  return g.map((x, i) => (RHO * Math.sign(x) * (units[i] as number) ** (q - 1)) / total);
}

const near = (actual: readonly number[], wanted: readonly number[], tolerance = 1e-4): void => {
  for (const [i, x] of wanted.entries())
    expect(Math.abs((actual[i] ?? Number.NaN) - x), `entry ${i}: ${actual[i]} for ${x}`).toBeLessThanOrEqual(
      tolerance * Math.abs(x) + 1e-12,
    );
};

/** What a link makes of one gradient at w = 1, 1, … */
const made = (link: GradientTransformation<Tree>, g: Tree): number[] => {
  const w = map(g, (leaf) => tf.onesLike(leaf));
  return numbers(link.update(() => ({ value: tf.scalar(0), grads: g, aux: null }), link.init(w), w, null)[0].grads);
};

const drawn = { numRuns: 25, seed: 11 };
const everyGradient = (check: (g: number[], tree: Tree) => void): void =>
  fc.assert(
    fc.property(gradients, (plan) =>
      tf.tidy(() => {
        check([...plan.kernel, plan.bias], planted(plan));
      }),
    ),
    drawn,
  );

/** A gradient with one entry that is no finite number. */
const spoiled = fc.tuple(
  fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 20 }),
  fc.nat(19),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const everySpoiled = (check: (tree: Tree) => void): void =>
  fc.assert(
    fc.property(spoiled, ([values, at, bad]) => {
      const kernel = values.map((x, i) => (i === at % values.length ? bad : x));
      tf.tidy(() => check({ bias: tf.tensor1d([1, -2]), kernel: tf.tensor1d(kernel) }));
    }),
    drawn,
  );
const allNaN = (tree: Tree): void => expect(numbers(tree).filter((x) => !Number.isNaN(x))).toEqual([]);

const BACKENDS: { readonly [name: string]: () => Promise<unknown> } = {
  cpu: async () => tf.setBackend('cpu'),
  wasm: async () => {
    setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
    return tf.setBackend('wasm');
  },
  native: async () => {
    await registerNative();
    return tf.setBackend('native');
  },
};

describe.each(Object.entries(BACKENDS))('on %s', (_, start) => {
  beforeAll(async () => void (await start()));
  afterAll(() => tf.setBackend('cpu'));

  test.each(PS)('ε̂ for p = %s is right for gradients from 1e-38 to 1e38', (p) => {
    everyGradient((g, tree) => near(numbers(epsilonHat(tree, RHO, p)), expected(g, p)));
  });

  test('the ε̂ of small gradients for p = ∞ is their signs', () => {
    tf.tidy(() => {
      const small = epsilonHat(tf.tensor1d([5e-8, -8e-8, 2e-8]), RHO, Number.POSITIVE_INFINITY);
      near(numbers(small), [RHO, -RHO, RHO]);
    });
  });

  test.each(PS)('ε̂, its derivative and projections are NaN throughout for p = %s where an entry is not finite', (p) => {
    everySpoiled((g) => {
      allNaN(epsilonHat(g, RHO, p));
      allNaN(epsilonHat(g, tf.scalar(RHO), p));
      allNaN(
        epsilonHatDerivative(
          g,
          map(g, (x) => tf.onesLike(x)),
          RHO,
          p,
        ),
      );
      allNaN(projectOntoBall(g, RHO, p));
      expect(Number.isFinite(dualNorm(g, p).dataSync()[0])).toBe(false);
    });
  });

  test('every link, given a gradient that is not finite, gives a step that skipNonFinite skips', () => {
    const batch = batchOf([0.5, -1, 2]);
    const bad = [Number.NaN, Number.POSITIVE_INFINITY];
    const all = [...oneOfEach, ...secondOrder.map((link, i) => ({ name: `order 2 (${i + 1})`, link }))];
    for (const [i, { name, link }] of all.entries())
      tf.tidy(() => {
        const w: Tree = { kernel: tf.tensor2d([1, -2, 0.5, 3], [2, 2]), head: [tf.tensor1d([-1, 0, 2])] };
        const first = leaves(w).find(({ leaf }) => leaf.size > 0)?.path;
        const spoil: typeof gradient = Object.assign(
          (...[at, examples]: Parameters<typeof gradient>): ReturnType<typeof gradient> => {
            const evaluation = gradient(at, examples);
            const spoilt = (leaf: tf.Tensor, path: string) =>
              path === first ? tf.mul(leaf, tf.scalar(bad[i % 2] as number)) : leaf;
            return { ...evaluation, grads: map(evaluation.grads, spoilt) } as typeof evaluation;
          },
          { ...gradient },
        ) as typeof gradient;
        const skipping = skipNonFinite(link);
        const [{ grads, report }] = skipping.update(spoil, skipping.init(w), w, batch);
        expect([name, report?.skipped?.dataSync()[0]]).toEqual([name, 1]);
        expect(numbers(grads).every((x) => x === 0)).toBe(true);
      });
  });

  test('Lion gives the signs of every gradient', () => {
    everyGradient((g, tree) => expect(made(scaleByLion(), tree)).toEqual(g.map(Math.sign)));
  });

  test('clipping shortens what is longer, whatever its size, and keeps the rest bit for bit', () => {
    everyGradient((g, tree) => {
      const length = Math.hypot(...g);
      const clipped = made(clipByGlobalNorm(1), tree);
      if (length > 1.001)
        near(
          clipped,
          g.map((x) => x / length),
        );
      else if (length < 0.999) expect(clipped).toEqual(g);
    });
  });

  test('the trust ratio makes every leaf as long as its weights', () => {
    everyGradient((_g, tree) => {
      const kernel = (tree as { readonly kernel: tf.Tensor }).kernel;
      const g = numbers(kernel);
      const scale = Math.sqrt(g.length) / Math.hypot(...g);
      near(
        made(scaleByTrustRatio(), kernel),
        g.map((x) => x * scale),
      );
    });
  });

  test('Adam and RMSProp take every gradient whose square float32 holds, and give finite steps for all', () => {
    everyGradient((g, tree) => {
      const adam = made(scaleByAdam(), tree);
      near(
        adam,
        g.map((x, i) => (Math.abs(x) < 1e18 ? x / (Math.abs(x) + 1e-8) : (adam[i] as number))),
      );
      expect(made(scaleByRms(), tree).every(Number.isFinite)).toBe(true);
    });
  });
});
