import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, dualExponent, linear, lossBudgetSam, samTransform, sgd } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { inner, type Point, pNorm, times } from '../support/plain.ts';
import { given, pathOf, scripted } from '../support/relatives.ts';
import { gradientOf } from '../support/step.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

/** The ε that is chosen for a gradient. */
function epsilonOf(sigma: number, rhoMax: number, g: Point, p = 2): number[] {
  const { gradient, points } = scripted(g);
  tf.tidy(() => gradientOf(lossBudgetSam(sigma, rhoMax, p), gradient, tf.zeros([g.length]), null));
  return points[1] ?? [];
}

const entry = fc.double({ min: 0.1, max: 4, noNaN: true }).map(Math.fround);
const gradients = fc.array(entry, { minLength: 3, maxLength: 3 });
const norms = fc.constantFrom(1, 1.5, 2, 3, Number.POSITIVE_INFINITY);

describe('lossBudgetSam', () => {
  test('goes where its formula goes, capped at some steps and not at others', () => {
    expectReference('lossBudgetSam', chain(lossBudgetSam(linear(0.6, 0, 6), 0.15), sgd(0.1)));
  });

  property.prop([gradients, norms, fc.double({ min: 0.01, max: 2, noNaN: true })], { numRuns: 25, seed: 12 })(
    'spends its budget to first order, ⟨ε, g⟩ = σ, or has the largest radius',
    (g, p, sigma) => {
      const dual = pNorm(g, dualExponent(p));
      for (const rhoMax of [1e3, 0.5 * (sigma / dual)]) {
        const epsilon = epsilonOf(sigma, rhoMax, g, p);
        const wanted = Math.min(sigma, rhoMax * dual);
        expectEach([inner(epsilon, g), pNorm(epsilon, p)], [wanted, wanted / dual], 1e-4);
      }
    },
  );

  property.prop([gradients, norms, fc.constantFrom(1e-30, 1e-3, 7, 1e20)], { numRuns: 25, seed: 13 })(
    'ε(c·g) = ε(g)/c where neither is capped, and ε̂ of the largest radius where both are',
    (g, p, c) => {
      const unit = epsilonOf(1, 3.4e38, g, p);
      expectEach(epsilonOf(1, 1e37, times(g, c), p), times(unit, 1 / c), 1e-4);
      expectEach(epsilonOf(1e38, 0.1, times(g, c), p), epsilonOf(1e38, 0.1, g, p), 1e-4);
    },
  );

  test('is SAM with the largest radius where the budget is large, and the plain gradient for none', () => {
    expect(pathOf(chain(lossBudgetSam(1e30, 0.25), sgd(0.1)), 4)).toEqual(
      pathOf(chain(samTransform(0.25), sgd(0.1)), 4),
    );
    expect(pathOf(chain(lossBudgetSam(0, 0.25), sgd(0.1)), 4)).toEqual(pathOf(sgd(0.1), 4));
  });

  test('a zero gradient gives a zero ε', () => {
    expect(epsilonOf(0.1, 1, [0, 0, 0])).toEqual([0, 0, 0]);
    expect(given(lossBudgetSam(0.1, 1), [0, 0, 0])).toEqual([0, 0, 0]);
  });

  test('refuses a radius that is none', () => {
    expect(() => lossBudgetSam(0.1, 0)).toThrow('rhoMax must be a finite number above 0, got 0.');
    expect(() => lossBudgetSam(0.1, Number.POSITIVE_INFINITY)).toThrow(
      'rhoMax must be a finite number above 0, got Infinity.',
    );
    expect(() => lossBudgetSam(-1, 1)).toThrow('sigma must be a finite number of at least 0, got -1.');
  });
});
