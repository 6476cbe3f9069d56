import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  chain,
  esam,
  type GradientTransformation,
  microBatch,
  polyak,
  samTransform,
  scale,
  usam,
} from '../../src/index.ts';
import { type Rows, regression } from '../support/gradients.ts';
import { inner, length, type Point, plus } from '../support/plain.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const unbounded = { maxRate: Number.POSITIVE_INFINITY };

/** L(w) = b + ⟨a, w⟩ + ½λ‖w‖². */
const loss =
  (a: Point, lambda: number, b = 0) =>
  (w: tf.Tensor) => {
    const slope = tf.tensor1d([...a]);
    const value = tf.add(
      tf.add(tf.sum(tf.mul(w, slope)), b),
      lambda === 0 ? 0 : tf.mul(tf.sum(tf.square(w)), lambda / 2),
    );
    return { value: value as tf.Scalar, grads: tf.add(slope, tf.mul(w, lambda)), aux: null };
  };

const step = (optimizer: GradientTransformation<Tree>, gradient: ReturnType<typeof loss>, w: Point): number[] =>
  tf.tidy(() => {
    const at: tf.Tensor = tf.tensor1d([...w]);
    return numbers(optimizer.update(gradient, optimizer.init(at), at, null)[0].grads);
  });

const entry = fc.double({ min: 0.1, max: 3, noNaN: true });
const points = fc.array(entry, { minLength: 3, maxLength: 3 });

describe('polyak', () => {
  test('goes to the bound in one step where the loss is linear, with SAM of any radius and norm as without', () => {
    fc.assert(
      fc.property(points, points, entry, fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY), (a, w, rho, p) => {
        const links = [chain(), samTransform(rho, p), usam(rho), samTransform(rho, p, { steps: 2 })];
        for (const link of links) {
          const moved = step(chain(link, polyak({ ...unbounded, lowerBound: -1 })), loss(a, 0), w);
          expect(inner(a, plus(w, moved))).toBeCloseTo(-1, 3);
          expect(Math.abs(inner(a, moved) / (length(a) * length(moved)))).toBeCloseTo(1, 5);
        }
      }),
      { numRuns: 20, seed: 4 },
    );
  });

  test('halves the weights on ½λ‖w‖²; behind USAM it leaves (1 + ρλ)/2 of them, behind SAM half of ρ more', () => {
    const w = [0.6, -0.8]; // ‖w‖ = 1
    const lambda = 3;
    const of = (link: GradientTransformation<Tree>) =>
      plus(w, step(chain(link, polyak(unbounded)), loss([0, 0], lambda), w));
    expectEach(of(chain()), [0.3, -0.4], 1e-5);
    expectEach(
      of(usam(0.1)),
      w.map((x) => (x * (1 + 0.1 * lambda)) / 2),
      1e-5,
    );
    // ε = ρw/‖w‖: [½λ(1 + ρ)² - λ(1 + ρ)ρ]/(λ(1 + ρ)) = ½(1 + ρ) - ρ = ½(1 - ρ) is the part that goes.
    expectEach(
      of(samTransform(0.2)),
      w.map((x) => x * (1 - 0.4)),
      1e-5,
    );
  });

  test('never goes uphill: below the bound, or where SAM reaches too far, it stays', () => {
    expect(step(polyak({ lowerBound: 1 }), loss([0, 0], 1), [0.6, -0.8]).map(Math.abs)).toEqual([0, 0]);
    const far = chain(samTransform(2), polyak(unbounded));
    expect(step(far, loss([0, 0], 1), [0.6, -0.8]).map(Math.abs)).toEqual([0, 0]);
  });

  test('steps at most by the bound, and adds the decay of weights behind it', () => {
    expectEach(step(polyak({ maxRate: 0.25 }), loss([0, 0], 1), [2, -4]), [-0.5, 1]);
    expectEach(step(polyak({ maxRate: 0.25, weightDecay: 0.5 }), loss([0, 0], 1), [2, -4]), [-0.75, 1.5]);
  });

  test('holds for gradients whose squares leave float32, and for zero', () => {
    expectEach(step(polyak(unbounded), loss([3e-24, 4e-24], 0), [3e13, 4e13]), [-3e13, -4e13], 1e-4);
    expectEach(step(polyak(unbounded), loss([3e20, 4e20], 0), [3e-10, 4e-10]), [-3e-10, -4e-10], 1e-4);
    expect(step(polyak(), loss([0, 0], 0, 1), [1, 2]).map(Math.abs)).toEqual([0, 0]);
  });

  test('of order 2 is the plain step on w ↦ L(w + ε̂(w))', () => {
    tf.tidy(() => {
      const lambda = 2;
      const gradient = Object.assign(loss([0, 0], lambda), {
        hvp: (_w: tf.Tensor, _b: unknown, v: tf.Tensor) => tf.mul(v, lambda),
      });
      const optimizer = chain(samTransform(0.5, 2, { order: 2 }), polyak(unbounded));
      const w: tf.Tensor = tf.tensor1d([0.6, -0.8]);
      const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, null);
      // F(w) = ½λ(‖w‖ + ρ)², ∇F = λ(‖w‖ + ρ)w/‖w‖: F/‖∇F‖² = 1/(2λ), so that half of ‖w‖ + ρ goes.
      expectEach(numbers(grads), [-0.6 * 0.75, 0.8 * 0.75], 1e-5);
    });
  });

  test('of m-sharpness averages the tangents of its slices', () => {
    tf.tidy(() => {
      const batch: Rows = {
        x: tf.tensor2d([
          [1, 0.5],
          [-0.5, 2],
          [2, -1],
          [0.3, 0.7],
        ]),
        y: tf.tensor1d([1, -1, 0.5, 2]),
      };
      const w: tf.Tensor = tf.tensor1d([0.2, -0.4]);
      const sam = samTransform(0.3);
      const halves = [0, 2].map((from) => ({ x: tf.slice(batch.x, [from, 0], [2, 2]), y: tf.slice(batch.y, from, 2) }));
      const tangents = halves.map((half) => {
        const [{ grads, report }] = sam.update(regression, sam.init(w), w, half);
        return { g: numbers(grads), tangent: numbers(report?.tangentLoss)[0] ?? Number.NaN };
      });
      const g = [0, 1].map((i) => tangents.reduce((sum, { g: half }) => sum + (half[i] ?? 0) / 2, 0));
      const gap = tangents.reduce((sum, { tangent }) => sum + tangent / 2, 0);
      const optimizer = chain(sam, microBatch(2), polyak(unbounded));
      const [{ grads, report }] = optimizer.update(regression, optimizer.init(w), w, batch);
      const rate = gap / length(g) ** 2;
      expectNear(
        numbers(grads),
        g.map((x) => -rate * x),
        1e-4,
      );
      expectEach(numbers(report?.scale), [-rate], 1e-4);
    });
  });

  test('of SAM of SAM goes on from the tangent of the inner one', () => {
    // Where all directions agree, two radii are one of their sum.
    const after = (link: GradientTransformation<Tree>) =>
      step(chain(link, polyak(unbounded)), loss([0, 0], 3), [0.6, -0.8]);
    expectEach(after(chain(samTransform(0.1), samTransform(0.2))), after(samTransform(0.3)), 1e-5);
    expectEach(after(chain(usam(0.1), samTransform(0.2))), after(samTransform(0.1 * 3 * 1.2 + 0.2)), 1e-5);
  });

  test('goes 1/c of its way behind a factor c, and compares decay before it with a loss that has none', () => {
    const w = [0.6, -0.8];
    const of = (...links: GradientTransformation<Tree>[]) =>
      step(chain(...links, polyak(unbounded)), loss([0, 0], 2), w);
    const own = of(samTransform(0.2));
    for (const c of [0.5, 2, 4])
      expectEach(
        of(samTransform(0.2), scale(c)),
        own.map((x) => x / c),
        1e-5,
      );
    // ½·2·‖w‖² = 1 over ‖2w + 2w‖² = 16 times 4w, where Polyak's step on ‖w‖² + ‖w‖² is ½w.
    expectEach(
      of(addDecayedWeights(2)),
      w.map((x) => -x / 4),
      1e-5,
    );
  });

  test('refuses a gradient at w + ε whose tangent it does not know, and leaves nothing', () => {
    const exampleLoss = (w: tf.Tensor) => tf.stack([tf.sum(w), tf.sum(w)]) as tf.Tensor1D;
    const optimizer = chain(esam(0.1, { exampleLoss }), polyak());
    const [w, batch]: tf.Tensor[] = [tf.tensor1d([1, 2]), tf.ones([2])];
    const state = optimizer.init(w as tf.Tensor);
    const before = tf.memory().numTensors;
    expect(() => optimizer.update(loss([1, 1], 1), state, w as tf.Tensor, batch as tf.Tensor)).toThrow(
      'polyak needs to know where the tangent at w + ε passes w: put it behind samTransform or what perturbBy makes.',
    );
    expect(tf.memory().numTensors).toBe(before);
    dispose(w, batch, state);
  });
});
