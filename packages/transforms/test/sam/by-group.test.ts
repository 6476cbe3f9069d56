import { size, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  byGroup,
  chain,
  comparableRadius,
  decoupledWsam,
  dualNorm,
  freeze,
  type GradientTransformation,
  gsam,
  linear,
  lookSam,
  partition,
  type RadiusOfGroup,
  type Report,
  type SamOptions,
  sam,
  samTransform,
  sgd,
  textOf,
  wsam,
} from '../../src/index.ts';
import { only } from '../../src/links/select.ts';
import { batchOf, gradient } from '../support/gradients.ts';
import { bits, corners, numbers, type Plan, plans, plant, rich } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Link = GradientTransformation<Tree>;

const isBias = (path: string) => path.endsWith('bias');
const isKernel = (path: string) => path.endsWith('kernel');
const isEven = (path: string) => path.startsWith('.even');
const isOdd = (path: string) => !isEven(path);
const XS = [0.5, -1, 2, 0.25];
const INFINITE = Number.POSITIVE_INFINITY;

const OPTIONS: readonly SamOptions[] = [
  {},
  { certificate: true },
  { steps: 3, certificate: true },
  { adaptive: { eta: 0.1 } },
  { adaptive: { by: 'layer' }, steps: 2 },
  { order: 2 },
  { order: 2, adaptive: {} },
];

/** Pairs of the trees of the laws, one for each group. */
const eachTree = (check: (w: Tree) => void) =>
  fc.assert(
    fc.property(plans(), plans(), (even: Plan, odd: Plan) =>
      tf.tidy(() => {
        const w = plant({ children: { even, odd } });
        if ([isEven, isOdd].every((select) => size(only(w, select)) > 0)) check(w);
      }),
    ),
    { examples: [[rich, corners[1] as Plan]], numRuns: 40, seed: 5 },
  );

const evaluate = (link: Link, w: Tree) => link.update(gradient, link.init(w), w, batchOf(XS))[0];

describe('SAM by group', () => {
  test.each(OPTIONS)('with one group is plain SAM, bit for bit: %o', (options) => {
    eachTree((w) => {
      const plain = evaluate(samTransform(0.3, 3, options), w);
      const grouped = evaluate(samTransform(byGroup({ all: { select: () => true, rho: 0.3 } }), 3, options), w);
      expect(bits([grouped.grads, grouped.value])).toEqual(bits([plain.grads, plain.value]));
      const found: Report = grouped.report ?? {};
      for (const [entry, value] of Object.entries(plain.report ?? {}))
        expect(numbers(found[entry] ?? found[`${entry}.all`] ?? null), entry).toEqual(numbers(value));
    });
  });

  test.each(OPTIONS)('is that of each group alone where the loss does not couple them, bit for bit: %o', (options) => {
    let compared = 0;
    eachTree((w) => {
      const radii = byGroup({
        even: { select: isEven, rho: 0.3 },
        odd: { select: isOdd, rho: linear(0.1, 0.2, 4), p: INFINITE },
      });
      const { grads } = evaluate(samTransform(radii, 1.5, options), w);
      const even = evaluate(samTransform(0.3, 1.5, options), only(w, isEven));
      const odd = evaluate(samTransform(linear(0.1, 0.2, 4), INFINITE, options), only(w, isOdd));
      expect(bits(only(grads, isEven))).toEqual(bits(even.grads));
      expect(bits(only(grads, isOdd))).toEqual(bits(odd.grads));
      compared += 1;
    });
    expect(compared).toBeGreaterThan(3);
  });

  type Params = { readonly kernel: tf.Tensor; readonly bias: tf.Tensor };
  const params = (): Params => ({ kernel: tf.tensor1d([3, 4]), bias: tf.tensor1d([0.5, -12, 1]) });
  /** L(w) = ½‖w‖² + Σ kernel·Σ bias, which couples the groups. */
  function counted() {
    const points: number[][] = [];
    const of = ({ kernel, bias }: Params) => {
      points.push(numbers([kernel, bias]));
      const [k, b] = [tf.sum(kernel), tf.sum(bias)];
      return {
        value: tf.scalar(0),
        grads: { kernel: tf.add(kernel, b), bias: tf.add(bias, k) },
        aux: null,
      };
    };
    return { of, points };
  }

  test('goes to the worst point of the product of balls, for every pair of norms', () => {
    const rho = { kernel: 0.5, bias: 0.2 };
    for (const [p, q] of [
      [2, 2],
      [2, INFINITE],
      [1, 3],
      [INFINITE, 1.5],
    ] as const)
      tf.tidy(() => {
        const { of, points } = counted();
        const link = samTransform(
          byGroup({
            kernels: { select: isKernel, rho: rho.kernel, p },
            biases: { select: isBias, rho: rho.bias, p: q },
          }),
        );
        const w = params();
        const g = of(w).grads;
        const { report = {} } = link.update(of, link.init(w), w, null)[0];
        expect(points).toHaveLength(1 + link.gradientCost);
        const epsilon = (points.at(-1) ?? []).map((x, i) => x - (numbers(w)[i] ?? 0));
        const lengthOf = (part: number[], order: number) =>
          order === INFINITE
            ? Math.max(...part.map(Math.abs))
            : part.reduce((sum, x) => sum + Math.abs(x) ** order, 0) ** (1 / order);
        expectEach([lengthOf(epsilon.slice(0, 2), p), lengthOf(epsilon.slice(2), q)], [rho.kernel, rho.bias], 1e-5);
        const rise = numbers(g).reduce((sum, x, i) => sum + x * (epsilon[i] ?? 0), 0);
        const norms = [...numbers(dualNorm(g.kernel, p)), ...numbers(dualNorm(g.bias, q))];
        expectEach([rise], [rho.kernel * (norms[0] ?? 0) + rho.bias * (norms[1] ?? 0)], 1e-5);
        expectEach(
          ['gradientNorm.kernels', 'gradientNorm.biases', 'rho.kernels', 'rho.biases'].flatMap((entry) =>
            numbers(report[entry] ?? null),
          ),
          [...norms, rho.kernel, rho.bias],
        );
      });
  });

  test('with rates and decays by group costs two gradients, and leaves biases without radius and decay where they are', () => {
    tf.tidy(() => {
      const optimizer = chain(
        samTransform(byGroup({ kernels: { select: isKernel, rho: 1 }, biases: { select: isBias, rho: 0 } })),
        partition({
          kernels: { select: isKernel, link: chain(addDecayedWeights(0.1), sgd(0.5)) },
          biases: { select: isBias, link: sgd(0.01) },
        }),
      );
      const { of, points } = counted();
      const w = params();
      const { grads } = optimizer.update(of, optimizer.init(w), w, null)[0];
      expect(optimizer.gradientCost).toBe(2);
      expect(points).toHaveLength(2);
      // ∇L is (3, 4) - 10.5 for the kernels and the biases + 7.
      const length = Math.hypot(7.5, 6.5);
      const [a, b] = [3 - 7.5 / length, 4 - 6.5 / length];
      expectEach(points[1] ?? [], [a, b, 0.5, -12, 1]);
      expect((points[1] ?? []).slice(2)).toEqual([0.5, -12, 1]);
      expectEach(
        numbers(grads),
        [...[a - 10.5 + 0.3, b - 10.5 + 0.4].map((x) => -0.5 * x), ...[0.5, -12, 1].map((x) => -0.01 * (x + a + b))],
        1e-5,
      );
    });
  });

  test('in groups of their own SAM costs one gradient more for each, and moves one group at a time', () => {
    tf.tidy(() => {
      const link = (rho: number) => chain(samTransform(rho), sgd(1));
      const apart = partition({
        kernels: { select: isKernel, link: link(1) },
        biases: { select: isBias, link: link(0.5) },
      });
      const { of, points } = counted();
      const w = params();
      apart.update(of, apart.init(w), w, null);
      expect([points.length, apart.gradientCost]).toEqual([3, 3]);
      expect([(points[1] ?? []).slice(2), (points[2] ?? []).slice(0, 2)]).toEqual([
        [0.5, -12, 1],
        [3, 4],
      ]);
    });
  });

  test('of order 2 is the derivative of w ↦ L(w + ε̂(w)) of a loss that couples the groups', () => {
    const A = [
      [2, 0.5, -0.3, 0.1],
      [0.5, 1, 0.2, -0.4],
      [-0.3, 0.2, 1.5, 0.6],
      [0.1, -0.4, 0.6, 3],
    ];
    const W = [0.7, -0.4, 1.1, 0.3];
    const times = (x: readonly number[]) => A.map((row) => row.reduce((sum, a, j) => sum + a * (x[j] ?? 0), 0));
    const lossAt = (x: readonly number[]) => times(x).reduce((sum, y, i) => sum + (y * (x[i] ?? 0)) / 2, 0);
    // ρ = 0.3, p = 2 for the first two, and ρ = 0.2, p = 3 for the others; scaled by |w| + 0.1 when adaptive.
    const sharp = (x: readonly number[], adaptive: boolean) => {
      const scaling = x.map((xi) => (adaptive ? Math.abs(xi) + 0.1 : 1));
      const g = times(x).map((gi, i) => gi * (scaling[i] ?? 1));
      const z = (part: number[], rho: number, q: number) => {
        const total = part.reduce((sum, gi) => sum + Math.abs(gi) ** q, 0);
        return part.map((gi) => (rho * Math.sign(gi) * Math.abs(gi) ** (q - 1)) / total ** (1 - 1 / q));
      };
      const epsilon = [...z(g.slice(0, 2), 0.3, 2), ...z(g.slice(2), 0.2, 1.5)];
      return lossAt(x.map((xi, i) => xi + (scaling[i] ?? 1) * (epsilon[i] ?? 0)));
    };
    const matrix = tf.tensor2d(A);
    const product = ({ a, b }: { readonly a: tf.Tensor; readonly b: tf.Tensor }) => {
      const y = tf.reshape(tf.matMul(matrix, tf.reshape(tf.concat([a, b]), [4, 1])), [4]);
      return { a: tf.slice(y, 0, 2), b: tf.slice(y, 2, 2) };
    };
    for (const adaptive of [false, true])
      tf.tidy(() => {
        const w = { a: tf.tensor1d(W.slice(0, 2)), b: tf.tensor1d(W.slice(2)) };
        const of = Object.assign((x: typeof w) => ({ value: tf.scalar(0), grads: product(x), aux: null }), {
          hvp: (_: typeof w, __: null, v: typeof w) => product(v),
        });
        const radii = byGroup({
          a: { select: (path) => path === '.a', rho: 0.3 },
          b: { select: (path) => path === '.b', rho: 0.2, p: 3 },
        });
        const link = samTransform(radii, 2, { order: 2, ...(adaptive && { adaptive: { eta: 0.1 } }) });
        const grads = numbers(link.update(of as never, link.init(w), w, null)[0].grads);
        const h = 1e-5;
        const expected = W.map((_, i) => {
          const at = (by: number) =>
            sharp(
              W.map((x, j) => (i === j ? x + by : x)),
              adaptive,
            );
          return (at(h) - at(-h)) / (2 * h);
        });
        expectNear(grads, expected, 1e-5);
      });
    matrix.dispose();
  });

  test('takes schedules by group, and perturbs only leaves that may move', () => {
    tf.tidy(() => {
      const w = params();
      const radii = byGroup({
        kernels: { select: isKernel, rho: linear(0, 1, 2) },
        biases: { select: isBias, rho: linear(1, 0, 2), p: INFINITE },
      });
      const link = samTransform(radii, 2, { perturb: (path) => isKernel(path) });
      let state = link.init(w);
      const rhos = [0, 1, 2].map(() => {
        const { of, points } = counted();
        const [{ report = {} }, next] = link.update(of, state, w, null);
        state = next;
        expect((points[1] ?? []).slice(2)).toEqual([0.5, -12, 1]);
        return [...numbers(report['rho.kernels'] ?? null), ...numbers(report['rho.biases'] ?? null)];
      });
      expect(rhos).toEqual([
        [0, 1],
        [0.5, 0.5],
        [1, 0],
      ]);
    });
  });

  test('serves the relatives that are made of samTransform', () => {
    tf.tidy(() => {
      const w = plant(rich);
      const all = byGroup({ all: { select: () => true, rho: 0.3 } });
      const pairs: readonly (readonly [Link, Link])[] = [
        [sam(sgd(0.1), all), sam(sgd(0.1), 0.3)],
        [gsam(all, 0.4), gsam(0.3, 0.4)],
        [wsam(all, 0.9), wsam(0.3, 0.9)],
        [lookSam(2, all), lookSam(2, 0.3)],
        [decoupledWsam(sgd(0.1), all, 0.9, 0.1), decoupledWsam(sgd(0.1), 0.3, 0.9, 0.1)],
      ];
      for (const [grouped, plain] of pairs)
        expect(bits(evaluate(grouped, w).grads)).toEqual(bits(evaluate(plain, w).grads));
    });
  });

  test('stands inside freeze, where groups are of what is trained', () => {
    tf.tidy(() => {
      const w = params();
      const { of, points } = counted();
      const link = freeze(isBias, samTransform(byGroup({ kernels: { select: isKernel, rho: 1 } })));
      const { grads } = link.update(of, link.init(w), w, null)[0];
      expect((points[1] ?? []).slice(2)).toEqual([0.5, -12, 1]);
      expect(numbers(grads.bias)).toEqual([0, 0, 0]);
    });
  });

  test('has radii that are comparable by the size of each group', () => {
    tf.tidy(() => {
      // An even gradient: the same step for p = 2 and for the comparable radius of p = ∞, group by group.
      const w = { kernel: tf.ones([10, 10]), bias: tf.ones([4]) };
      const of = (x: typeof w) => ({ value: tf.scalar(0), grads: x, aux: null });
      const group = (select: RadiusOfGroup['select'], rho: number, n: number, p: number): RadiusOfGroup => ({
        select,
        rho: comparableRadius(rho, p, n),
        p,
      });
      const [two, infinite] = [2, INFINITE].map((p) => {
        const radii = byGroup({ kernels: group(isKernel, 0.5, 100, p), biases: group(isBias, 0.1, 4, p) });
        const link = samTransform(radii);
        return numbers(link.update(of, link.init(w), w, null)[0].grads);
      });
      expectEach(infinite ?? [], two ?? [], 1e-6);
    });
  });

  test('names what is wrong with a group, and writes itself down', () => {
    const w = params();
    const init = (groups: Parameters<typeof byGroup>[0]) => () => samTransform(byGroup(groups)).init(w);
    expect(init({ kernels: { select: isKernel, rho: 1 } })).toThrow(
      'Every leaf belongs to one group: ".bias" is selected by none of kernels.',
    );
    expect(init({ kernels: { select: isKernel, rho: 1 }, all: { select: () => true, rho: 0 } })).toThrow(
      'Every leaf belongs to one group: ".kernel" is selected by kernels and all of kernels, all.',
    );
    expect(init({ all: { select: () => true, rho: 1 }, none: { select: () => false, rho: 1 } })).toThrow(
      'Group "none" of byGroup chooses no leaf of the parameters, whose paths are ".kernel", ".bias".',
    );
    expect(() => byGroup({})).toThrow('byGroup needs at least one group, got none.');
    expect(() => byGroup({ a: { select: isBias, rho: -1 } })).toThrow('rho of group "a" must be');
    expect(() => byGroup({ a: { select: isBias, rho: 1, p: 0.5 } })).toThrow('p must be at least 1, got 0.5.');
    expect(() => byGroup({ a: { select: isBias, radius: 1 } as never })).toThrow('Group "a" of byGroup has no option');
    expect(() => samTransform({ a: 1 } as never)).toThrow('rho must be a number or a schedule, got { a }.');
    expect(textOf(samTransform(byGroup({ all: { select: isBias, rho: 0.1 } })))).toBe(
      'samTransform(byGroup({ all: { select: …, rho: 0.1 } }), 2)',
    );
    tf.dispose([w.kernel, w.bias]);
  });
});
