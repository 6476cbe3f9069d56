import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { GradientTransformation, Schedule } from '../src/index.ts';
import * as transforms from '../src/index.ts';
import { gradientsOver, together } from '../src/index.ts';
import * as parts from '../src/parts.ts';
import { counting, quadratic, type Rows, regression } from './support/gradients.ts';
import { descend, gradientOf } from './support/step.ts';
import { expectEach } from './support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The rows of the table under a heading of its own, as the code in their cells. */
function rows(header: string): string[][] {
  const [, table = ''] = readme.split(`| ${header} |`);
  const [body = ''] = table.split('\n\n');
  return body
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| /, '').replace(/^`(.*?)`.*$/, '$1')));
}

const numbers = {
  rho: 0.3,
  a: 0.2,
  m: 2,
  wd: 0.5,
  c: 0.25,
  rate: 0.1,
  decay: 0.9,
  p: 3,
  k: 3,
  L: 4,
  n: 3,
  N: 1000,
  T: 3,
  f: 1 / 3,
  t0: 2,
};
const relatives = {
  alpha: 0.4,
  gamma: 0.5,
  theta: 0.4,
  seed: 7,
  lambda: 0.3,
  sigma: 0.2,
  rhoMax: 0.5,
  quantile: 0.5,
  alphas: [0.5, 1, 1.5],
  normalizations: () => true,
  groups: { all: { select: () => true, rho: 0.3 } },
  exampleLoss: (w: tf.Tensor, { x, y }: Rows) =>
    tf.mul(tf.square(tf.sub(tf.sum(tf.mul(x, tf.reshape(w, [w.size])), 1), y)), 0.5),
};
const evaluate = (code: string): GradientTransformation<Tree> =>
  runInNewContext(code, { ...transforms, ...numbers, ...relatives });

/** The README's orders once more, by hand in float64, on the four rows of the reference vectors. */
type Point = readonly number[];
type Example = { readonly x: Point; readonly y: number };
type Slope = (w: Point, examples: readonly Example[]) => Point;

const EXAMPLES: readonly Example[] = [
  { x: [1, 0.5], y: 1 },
  { x: [-0.5, 2], y: -1 },
  { x: [2, -1], y: 0.5 },
  { x: [0.3, 0.7], y: 2 },
];
/** One output of two inputs: a kernel, of which `centralize` takes the mean. */
const W = [0.2, -0.4];
const kernel = () => tf.tensor2d(W, [2, 1]) as tf.Tensor;

const plus = (a: Point, b: Point, factor = 1): Point => a.map((x, i) => x + factor * (b[i] ?? 0));
const length = (g: Point) => Math.hypot(...g);
const slope: Slope = (w, examples) =>
  examples.reduce<Point>(
    (sum, { x, y }) => plus(sum, x, ((x[0] ?? 0) * (w[0] ?? 0) + (x[1] ?? 0) * (w[1] ?? 0) - y) / examples.length),
    [0, 0],
  );
const sam =
  (of: Slope, rho = numbers.rho): Slope =>
  (w, examples) => {
    const g = of(w, examples);
    return of(plus(w, g, rho / length(g)), examples);
  };
const halves =
  (of: Slope): Slope =>
  (w, examples) =>
    plus(of(w, examples.slice(0, 2)), of(w, examples.slice(2))).map((g) => g / 2);
const decayed =
  (of: Slope): Slope =>
  (w, examples) =>
    plus(of(w, examples), w, numbers.wd);
const centralized =
  (of: Slope): Slope =>
  (w, examples) => {
    const g = of(w, examples);
    return g.map((x) => x - g.reduce((sum, y) => sum + y / g.length, 0));
  };
const clipped =
  (of: Slope): Slope =>
  (w, examples) => {
    const g = of(w, examples);
    return g.map((x) => x * Math.min(1, numbers.c / length(g)));
  };

const byHand: Readonly<Record<string, Slope>> = {
  'chain(samTransform(rho), microBatch(m))': halves(sam(slope)),
  'chain(microBatch(m), samTransform(rho))': sam(slope),
  'chain(addDecayedWeights(wd), samTransform(rho))': sam(decayed(slope)),
  'chain(samTransform(rho), addDecayedWeights(wd))': decayed(sam(slope)),
  'chain(samTransform(rho), clipByGlobalNorm(c))': clipped(sam(slope)),
  'chain(samTransform(a), samTransform(rho))': sam(sam(slope, numbers.a)),
  'chain(centralize(), samTransform(rho))': sam(centralized(slope)),
  'chain(samTransform(rho), centralize())': centralized(sam(slope)),
};

describe("the README's table of orders", () => {
  const orders = rows('chain | is').map(([code = '']) => code);

  test('has a row for every order that is computed here by hand', () => {
    expect(orders).toEqual(Object.keys(byHand));
  });

  test.each(orders)('%s', (code) => {
    const batch = { x: tf.tensor2d(EXAMPLES.map(({ x }) => [...x])), y: tf.tensor1d(EXAMPLES.map(({ y }) => y)) };
    const w = kernel();
    expectEach(gradientOf(evaluate(code), regression, w, batch), [...(byHand[code] ?? slope)(W, EXAMPLES)]);
    tf.dispose([batch, w]);
  });

  test('is of algorithms that differ', () => {
    const gradients = Object.values(byHand).map((of) =>
      of(W, EXAMPLES)
        .map((g) => g.toFixed(4))
        .join(),
    );
    expect(new Set(gradients).size).toBe(gradients.length);
  });
});

describe("the README's table of relatives", () => {
  const costs = {
    '1 + 1/k': 1 + 1 / 3,
    '1 + k': 4,
    '1 + γ': 1.5,
    '2 + 2/n': 2 + 2 / 3,
    '2 + 2k/n': 4,
    '2 + alphas/n': 3,
    L: 4,
    // Over the three steps that are counted.
    '1 + f': 1 + 1 / 3,
    '1, then 2': 1 + 1 / 3,
    '1, then 2, then 1': 1 + 1 / 3,
  };
  const table = rows('chain | what it is | cost | paper');

  test.each(table)('%s costs what it says', (code = '', _, cost = '') => {
    const batch = { x: tf.tensor2d(EXAMPLES.map(({ x }) => [...x])), y: tf.tensor1d(EXAMPLES.map(({ y }) => y)) };
    // The Hessian of the regression: mean x xᵀ.
    const hvp = (_w: tf.Tensor, { x }: Rows, v: tf.Tensor) =>
      tf.reshape(tf.matMul(x, tf.matMul(x, v as tf.Tensor2D), true), v.shape).div(EXAMPLES.length) as tf.Tensor;
    // Its outputs are x·w, and the loss ½ mean (F - y)².
    const ofOutputs = (w: tf.Tensor, rows: Rows) => {
      const residual = tf.sub(tf.sum(tf.mul(rows.x, tf.reshape(w, [w.size])), 1), rows.y);
      return { ...regression(w, rows), cotangent: tf.div(residual, residual.size) };
    };
    const functional = (w: tf.Tensor, { x }: Rows, cotangent: Tree) =>
      tf.reshape(tf.sum(tf.mul(x, tf.expandDims(cotangent as tf.Tensor, 1)), 0), w.shape) as tf.Tensor;
    const counted = counting<tf.Tensor, Rows, null>(Object.assign(ofOutputs, { hvp, functional }));
    const link = evaluate(code);
    tf.tidy(() => descend(link, counted.gradient, kernel(), batch, 3));
    expect(counted.examples() / EXAMPLES.length).toBeCloseTo(gradientsOver(link, 3), 9);
    expect(gradientsOver(link, 3) / 3).toBeCloseTo(costs[cost as keyof typeof costs] ?? Number(cost), 9);
    tf.dispose([batch.x, batch.y]);
  });

  test('has a row for every relative that the package exports', () => {
    const code = table.map(([chain]) => chain).join();
    const folder = new URL('../src/relatives/', import.meta.url);
    const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const made = sources.flatMap((text) => [...text.matchAll(/^export function (\w+)/gm)].map(([, name = '']) => name));
    const pieces = ['rhoFromLearningRate', 'samplePosterior', 'slerp'];
    const relatives = made.filter((name) => name in transforms && !pieces.includes(name));
    expect(relatives.filter((name) => !code.includes(`${name}(`))).toEqual([]);
    expect(relatives.length).toBeGreaterThan(12);
  });
});

describe("the README's table of aliases", () => {
  test.each(rows('alias | is'))('%s is %s', (alias = '', chain = '') => {
    const path = (code: string) => descend(evaluate(code), quadratic([1, 10]), tf.tensor1d([1, -2]), null, 5);
    expect(path(alias)).toEqual(path(chain));
    expect(alias).not.toBe(chain);
  });
});

describe("the README's table of names elsewhere", () => {
  const here = rows('there | here')
    .map(([, code = '']) => code)
    .filter((code) => !code.startsWith('not here'));
  const scope = { ...transforms, ...numbers, tf, select: (path: string) => path === '.a' };
  const made = (code: string) => runInNewContext(code, scope);

  test.each(here)('%s runs', (code) => {
    const link: GradientTransformation | Schedule = made(code);
    if (typeof link === 'function') return expect(Number.isFinite(link(tf.scalar(5, 'int32')).arraySync())).toBe(true);
    const w: { a: tf.Tensor; b: tf.Tensor } = { a: tf.tensor1d([1, -2]), b: tf.tensor1d([3]) };
    const gradient = (at: typeof w) => ({ value: tf.scalar(0), grads: { a: at.a.mul(2), b: at.b.mul(2) }, aux: null });
    const batch = code.includes('accumulate') ? together([w.a, w.a]) : null;
    const [{ grads }] = link.update(gradient, link.init(w), w, batch);
    expect([...grads.a.dataSync(), ...grads.b.dataSync()].every(Number.isFinite)).toBe(true);
  });

  test('the schedules are those of optax', () => {
    const at = (schedule: Schedule, step: number) => schedule(tf.scalar(step, 'int32')).arraySync();
    const cosine: Schedule = made(here.find((code) => code.startsWith('join')) ?? '');
    expectEach(
      [0, 5, 10, 55, 100].map((step) => at(cosine, step)),
      [0, 0.05, 0.1, 0.05, 0],
      1e-6,
    );
    const exponential: GradientTransformation = made(here.find((code) => code.includes('tf.pow')) ?? '');
    const gradient = () => ({ value: tf.scalar(0), grads: tf.scalar(1), aux: null });
    const state = { count: tf.scalar(50, 'int32') };
    const [{ grads }] = exponential.update(gradient, state, tf.scalar(0), null);
    expect(grads.arraySync()).toBeCloseTo(-0.1 * 0.9 ** 0.5, 6);
  });

  test('lars is that of optax, with its trust coefficient in the rate', () => {
    const code = here.find((row) => row.includes('scaleByTrustRatio')) ?? '';
    const link: GradientTransformation = runInNewContext(code, { ...scope, rate: 0.1 * 0.001 });
    // optax.lars(0.1, weight_decay=0.5, trust_coefficient=0.001, momentum=0.9), three steps from there.
    const path = descend(link, quadratic([2, 2]), tf.tensor1d([1, -2]), null, 3);
    expectEach(path.at(-1) ?? [], [0.999439001083374, -1.998878002166748], 1e-6);
  });

  test('the mean of updates is that of optax', () => {
    const link: GradientTransformation = made(here.find((code) => code.startsWith('chain(scale(1')) ?? '');
    const gradient = () => ({ value: tf.scalar(0), grads: tf.scalar(1), aux: null });
    const [, state] = link.update(gradient, link.init(tf.scalar(0)), tf.scalar(0), null);
    const [{ grads }] = link.update(gradient, state, tf.scalar(0), null);
    expect(grads.arraySync()).toBeCloseTo(1 - 0.9 ** 2, 6);
  });
});

test('the README names every export', () => {
  const missing = Object.keys(transforms).filter((name) => !new RegExp(`\`${name}\\b`).test(readme));
  expect(missing).toEqual([]);
});

test('docs/your-own-link.md names every part that links are made of', () => {
  const page = readFileSync(new URL('../../../docs/your-own-link.md', import.meta.url), 'utf8');
  const missing = Object.keys(parts).filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
