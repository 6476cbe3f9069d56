import { fc, test as property } from '@fast-check/vitest';
import { map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  epsilonHat,
  epsilonHatDerivative,
  type GradientFn,
  microBatch,
  type SamOptions,
  samTransform,
  scale,
  scaleByRms,
} from '../../src/index.ts';
import { expectEach, expectNear, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const M = [
  [2, 0.5, 0],
  [0.5, 3, -1],
  [0, -1, 1.5],
];

const list = (x: tf.Tensor) => [...x.dataSync()];

/** A gradient function from closed forms in plain numbers: the loss, its gradient and its Hessian at w. */
function closedForm(
  loss: (w: number[]) => number,
  grad: (w: number[]) => number[],
  hessian: (w: number[]) => number[][],
): GradientFn<tf.Tensor, null, null> {
  const evaluate = (w: tf.Tensor) => ({
    value: tf.scalar(loss(list(w))),
    grads: tf.tensor1d(grad(list(w))) as tf.Tensor,
    aux: null,
  });
  const hvp = (w: tf.Tensor, _: null, v: tf.Tensor) =>
    tf.tensor1d(hessian(list(w)).map((row) => row.reduce((sum, h, j) => sum + h * (list(v)[j] as number), 0)));
  return Object.assign(evaluate, { hvp });
}

const times = (m: number[][], w: number[]) => m.map((row) => row.reduce((sum, a, j) => sum + a * (w[j] as number), 0));

const problems = {
  quad3: closedForm(
    (w) => 0.5 * times(M, w).reduce((sum, g, i) => sum + g * (w[i] as number), 0),
    (w) => times(M, w),
    () => M,
  ),
  rosenbrock5: closedForm(
    ([x = 0, y = 0]) => (1 - x) ** 2 + 5 * (y - x * x) ** 2,
    ([x = 0, y = 0]) => [-2 * (1 - x) - 20 * x * (y - x * x), 10 * (y - x * x)],
    ([x = 0, y = 0]) => [
      [2 - 20 * (y - 3 * x * x), -20 * x],
      [-20 * x, 10],
    ],
  ),
};

type Problem = {
  readonly problem: keyof typeof problems;
  readonly w: number[];
  readonly p: number;
  readonly rho: number;
};
type Expected = { readonly first_order: number[]; readonly full: number[]; readonly cosine_first_vs_full: number };

describe('order: 2', () => {
  test.each([
    ...vectors<Problem, Expected>('second-order/quad3'),
    ...vectors<Problem, Expected>('second-order/rosenbrock5'),
  ])('$id', ({ inputs, expected }) => {
    const w = tf.tensor1d(inputs.w);
    const run = (options: SamOptions) => {
      const link = samTransform(inputs.rho, inputs.p, options);
      return link.update(problems[inputs.problem], link.init(w), w, null)[0];
    };
    expectNear(list(run({}).grads), expected.first_order);
    const full = run({ order: 2 });
    expectNear(list(full.grads), expected.full, 5e-5);
    expect(full.report?.orderCosine?.dataSync()[0]).toBeCloseTo(expected.cosine_first_vs_full, 5);
  });

  // The oracle: the loss at w + e(w) as a function of w, in float64, by central differences.
  const composite = (w: number[], rho: number, eta: number | undefined): number => {
    const g = times(M, w).map((x, i) => x + Math.cos(w[i] as number));
    const t = w.map((x) => (eta === undefined ? 1 : Math.abs(x) + eta));
    const y = g.map((x, i) => x * (t[i] as number));
    const length = Math.hypot(...y);
    const at = w.map((x, i) => x + (rho * (t[i] as number) * (y[i] as number)) / length);
    return (
      0.5 * times(M, at).reduce((sum, x, i) => sum + x * (at[i] as number), 0) + at.reduce((s, x) => s + Math.sin(x), 0)
    );
  };
  const wavy = closedForm(
    (w) => composite(w, 0, undefined),
    (w) => times(M, w).map((x, i) => x + Math.cos(w[i] as number)),
    (w) => M.map((row, i) => row.map((a, j) => (i === j ? a - Math.sin(w[i] as number) : a))),
  );

  test.each([undefined, 0.3])('is the derivative of w ↦ L(w + ε̂(w)), with eta = %s', (eta) => {
    const w = [0.7, -0.4, 1.1];
    const link = samTransform(0.2, 2, { order: 2, ...(eta !== undefined && { adaptive: { eta } }) });
    const params = tf.tensor1d(w);
    const [{ grads }] = link.update(wavy, link.init(params), params, null);
    const h = 1e-5;
    const wanted = w.map((_, i) => {
      const moved = (by: number) =>
        composite(
          w.map((x, j) => (j === i ? x + by : x)),
          0.2,
          eta,
        );
      return (moved(h) - moved(-h)) / (2 * h);
    });
    expectNear(list(grads), wanted, 1e-4);
  });

  test('passes through slices, decay and scale before it, and says which other link is in the way', () => {
    const w = tf.tensor1d([0.7, -0.4, 1.1]);
    const direct = samTransform(0.2, 2, { order: 2 });
    const [{ grads }] = direct.update(wavy, direct.init(w), w, null);
    const link = chain(scale(2), chain(scale(0.5), addDecayedWeights(0)), samTransform(0.2, 2, { order: 2 }));
    expectNear(list(link.update(wavy, link.init(w), w, null)[0].grads), list(grads), 1e-5);
    const blocked = chain(clipByGlobalNorm(1), samTransform(0.2, 2, { order: 2 }));
    expect(() => blocked.update(wavy, blocked.init(w), w, null)).toThrow(/clipByGlobalNorm has none: move it behind/);
    const nested = chain(chain(scale(1), scaleByRms()), samTransform(0.2, 2, { order: 2 }));
    expect(() => nested.update(wavy, nested.init(w), w, null)).toThrow(/scaleByRms has none/);
    const bare: GradientFn<tf.Tensor, null, null> = (x) => wavy(x, null);
    expect(() => direct.update(bare, direct.init(w), w, null)).toThrow(/valueAndGrad of @steppe\/autograd/);
  });

  test('with gradient accumulation before it is that of the whole batch', () => {
    type Rows = { readonly x: tf.Tensor2D };
    const w = tf.tensor1d([0.5, -0.2]) as tf.Tensor;
    // L = mean over rows of ½(x·w)⁴ / 2, by hand.
    const dots = (v: tf.Tensor, x: tf.Tensor2D) => tf.sum(tf.mul(x, v), 1);
    const gradient = Object.assign(
      (v: tf.Tensor, { x }: Rows) => ({
        value: tf.mean<tf.Scalar>(tf.div(tf.pow(dots(v, x), 4), 4)),
        grads: tf.mean(tf.mul(x, tf.expandDims(tf.pow(dots(v, x), 3), 1)), 0) as tf.Tensor,
        aux: null,
      }),
      {
        hvp: (v: tf.Tensor, { x }: Rows, u: tf.Tensor) =>
          tf.mean(tf.mul(x, tf.expandDims(tf.mul(tf.mul(tf.square(dots(v, x)), 3), dots(u, x)), 1)), 0) as tf.Tensor,
      },
    );
    const batch = {
      x: tf.tensor2d([
        [1, 2],
        [-0.5, 1],
        [2, 0.3],
        [0.1, -1],
        [1, 1],
      ]),
    };
    const whole = samTransform(0.3, 3, { order: 2 });
    const sliced = chain(microBatch(2), samTransform(0.3, 3, { order: 2 }));
    const [a] = whole.update(gradient, whole.init(w), w, batch);
    const [b] = sliced.update(gradient, sliced.init(w), w, batch);
    expectNear(list(b.grads), list(a.grads), 1e-5);
  });

  test('is refused with several ascent steps', () => {
    expect(() => samTransform(0.1, 2, { order: 2, steps: 2 })).toThrow(/one ascent step, got steps: 2/);
  });
});

describe('epsilonHatDerivative', () => {
  const entry = fc.double({ min: 0.2, max: 2, noNaN: true });
  const signed = fc.tuple(entry, fc.boolean()).map(([x, negative]) => (negative ? -x : x));
  property.prop([
    fc.array(signed, { minLength: 4, maxLength: 4 }),
    fc.array(signed, { minLength: 4, maxLength: 4 }),
    fc.constantFrom(1.25, 1.5, 2, 3, 8),
  ])('is the derivative of epsilonHat along any direction', (g, x, p) => {
    const q = p / (p - 1);
    const hat = (v: number[]) => {
      const n = v.reduce((sum, a) => sum + Math.abs(a) ** q, 0);
      return v.map((a) => (0.5 * Math.sign(a) * Math.abs(a) ** (q - 1)) / n ** (1 / p));
    };
    const h = 1e-6;
    const moved = (by: number) => hat(g.map((a, i) => a + by * (x[i] as number)));
    const wanted = moved(h).map((a, i) => (a - (moved(-h)[i] as number)) / (2 * h));
    const got = tf.tidy(() => list(epsilonHatDerivative(tf.tensor1d(g), tf.tensor1d(x), 0.5, p)));
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(wanted[i] as number, 3);
  });

  test('is zero for p = 1, p = ∞ and a zero gradient, and finite at zero coordinates for p > 2', () => {
    const x = tf.tensor1d([1, 2]);
    for (const p of [1, Number.POSITIVE_INFINITY])
      expect(list(epsilonHatDerivative(tf.tensor1d([3, 4]), x, 1, p))).toEqual([0, 0]);
    expect(list(epsilonHatDerivative(tf.tensor1d([0, 0]), x, 1))).toEqual([0, 0]);
    expect(list(epsilonHatDerivative(tf.tensor1d([0, 4]), x, 1, 4)).every(Number.isFinite)).toBe(true);
  });
});

type Asam = {
  readonly w: number[];
  readonly g: number[];
  readonly rho: number;
  readonly eta: number;
  readonly p?: number;
};

describe('adaptive', () => {
  /** ε as the second pass sees it: the point that is evaluated, less w. */
  function displacement(options: SamOptions, w: Tree, grads: Tree, rho: number, p = 2): Tree {
    const points: Tree[] = [];
    const link = samTransform(rho, p, options);
    link.update(
      (at: Tree) => {
        points.push(map(at, (leaf) => tf.keep(tf.clone(leaf))));
        return { value: tf.scalar(0), grads: map(grads, (g) => tf.clone(g)), aux: null };
      },
      link.init(w),
      w,
      null,
    );
    return points.at(-1) ?? null;
  }
  const epsilonOf = (options: SamOptions, { w, g, rho }: Asam, p?: number) =>
    list(tf.sub(displacement(options, tf.tensor1d(w), tf.tensor1d(g), rho, p) as tf.Tensor, tf.tensor1d(w)));

  test.each(vectors<Asam, { eps: number[] }>('asam/davda54'))('$id', ({ inputs, expected }) => {
    expectNear(epsilonOf({ adaptive: { eta: 0 } }, inputs), expected.eps, 1e-5);
  });
  test.each(vectors<Asam, { eps: number[] }>('asam/samsung'))('$id', ({ inputs, expected }) => {
    expectNear(epsilonOf({ adaptive: {} }, inputs), expected.eps, 1e-5);
  });
  test.each(vectors<Asam, { eps: number[] }>('asam/p=inf'))('$id', ({ inputs, expected }) => {
    expectNear(epsilonOf({ adaptive: {} }, inputs, Number.POSITIVE_INFINITY), expected.eps, 1e-5);
  });
  test.each(vectors<Asam, { eps: number[] }>('asam/general-p'))('$id', ({ inputs, expected }) => {
    expectNear(epsilonOf({ adaptive: {} }, inputs, inputs.p), expected.eps, 1e-5);
  });
  test.each(vectors<Asam & { c: number }, { eps: number[]; eps_scaled: number[] }>('asam/scale-invariance'))(
    '$id',
    ({ inputs, expected }) => {
      const { w, g, c } = inputs;
      expectNear(epsilonOf({ adaptive: { eta: 0 } }, inputs), expected.eps, 1e-5);
      const larger = { ...inputs, w: w.map((x) => x * c), g: g.map((x) => x / c) };
      expectNear(epsilonOf({ adaptive: { eta: 0 } }, larger), expected.eps_scaled, 1e-5);
    },
  );

  test('scales the selected leaves only', () => {
    const w = { weight: tf.tensor1d([2, -0.5]), bias: tf.tensor1d([5]) };
    const g = { weight: tf.tensor1d([0.3, 0]), bias: tf.tensor1d([0.4]) };
    const at = displacement({ adaptive: { eta: 0, select: (path) => path === '.weight' } }, w, g, 1) as typeof w;
    const length = Math.hypot(0.6, 0.4);
    expectEach([(at.weight.dataSync()[0] ?? 0) - 2], [(2 * 0.6) / length], 1e-5);
    expectEach([(at.bias.dataSync()[0] ?? 0) - 5], [0.4 / length], 1e-5);
  });

  test('perturb moves the chosen leaves, with their norm, and no others', () => {
    const w = { norm: tf.tensor1d([1, 1]), kernel: tf.tensor1d([1]) };
    const g = { norm: tf.tensor1d([3, 4]), kernel: tf.tensor1d([100]) };
    const at = displacement({ perturb: (path) => path === '.norm' }, w, g, 0.5) as typeof w;
    expectNear(list(at.norm), [1.3, 1.4], 1e-6);
    expect(list(at.kernel)).toEqual([1]);
    expectNear(list(epsilonHat(g.norm, 0.5)), [0.3, 0.4], 1e-6);
  });
});
