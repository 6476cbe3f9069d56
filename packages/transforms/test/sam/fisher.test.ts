import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, samTransform, sgd } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { inner, length, type Point, plus, times } from '../support/plain.ts';
import { pathOf, scripted } from '../support/relatives.ts';
import { gradientOf } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

function epsilonOf(g: Point, eta: number): number[] {
  const { gradient, points } = scripted(g);
  const link = samTransform(0.5, 2, { adaptive: { by: 'fisher', eta } });
  tf.tidy(() => gradientOf(link, gradient, tf.zeros([g.length]), null));
  return points[1] ?? [];
}

const entry = fc.tuple(fc.double({ min: 0.1, max: 8, noNaN: true }), fc.boolean());
const gradients = fc.array(
  entry.map(([x, up]) => Math.fround(up ? x : -x)),
  { minLength: 3, maxLength: 3 },
);
const etas = fc.constantFrom(0.1, 1, 20);

describe("adaptive by 'fisher'", () => {
  test('goes where the formula of Fisher SAM goes, with η = 1 unless given', () => {
    expectReference('fisher 1', chain(samTransform(0.2, 2, { adaptive: { by: 'fisher' } }), sgd(0.1)));
    expectReference('fisher 7', chain(samTransform(0.2, 2, { adaptive: { by: 'fisher', eta: 7 } }), sgd(0.1)));
  });

  property.prop([gradients, etas], { numRuns: 25, seed: 16 })(
    'moves by ρ in the metric F = 1 + η·g², and no other step of that length climbs higher',
    (g, eta) => {
      const epsilon = epsilonOf(g, eta);
      const metric = g.map((x) => 1 + eta * x * x);
      const lengthOf = (e: Point) =>
        Math.sqrt(
          inner(
            metric,
            e.map((x) => x * x),
          ),
        );
      expect(lengthOf(epsilon)).toBeCloseTo(0.5, 4);
      for (const direction of [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [1, -1, 1],
      ]) {
        const other = plus(epsilon, direction, 0.05);
        const climbed = inner(times(other, 0.5 / lengthOf(other)), g);
        expect(climbed).toBeLessThanOrEqual(inner(epsilon, g) + 1e-5);
      }
    },
  );

  test('is SAM with η = 0, where the metric is flat', () => {
    const flat = samTransform(0.1, 2, { adaptive: { by: 'fisher', eta: 0 } });
    expect(pathOf(chain(flat, sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
  });

  test.each([1e-30, 1e30])('is finite and of the right length for gradients of %s', (c) => {
    const g = times([1, -2, 2], c);
    // F = 1 for small gradients, F ∝ g² for large ones: ε ∝ g, or ∝ 1/g with |g|·ε alike in every entry.
    const small = times([1, -2, 2], 0.5 / 3);
    const large = g.map((x) => 0.5 / Math.sqrt(3) / x);
    expectNear(epsilonOf(g, 1), c < 1 ? [...small] : large, 1e-5);
    expect(length(epsilonOf([0, 0, 0], 1))).toBe(0);
  });

  test('is SAM on the leaves that are not selected, and refuses the second order', () => {
    tf.tidy(() => {
      const w = { kernel: tf.tensor1d([3, -4]), bias: tf.tensor1d([12, 0]) };
      const select = (path: string) => path === '.kernel';
      const link = samTransform(0.5, 2, { adaptive: { by: 'fisher', select, eta: 1 } });
      const points: number[][] = [];
      const gradient = (at: typeof w) => {
        points.push(numbers(at));
        return { value: tf.scalar(0), grads: at, aux: null };
      };
      link.update(gradient, link.init(w), w, null);
      const lifted = [3 / 10, -4 / 17, 12, 0];
      const scale = 0.5 / Math.sqrt(inner(lifted, [3, -4, 12, 0]));
      expectNear(points[1] ?? [], [...plus([3, -4, 12, 0], lifted, scale)], 1e-6);
    });
    expect(() => samTransform(0.1, 2, { order: 2, adaptive: { by: 'fisher' } })).toThrow(
      "order: 2 differentiates through one ascent step, got by: 'fisher'.",
    );
  });
});
