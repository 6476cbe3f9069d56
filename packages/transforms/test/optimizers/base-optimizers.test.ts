import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { clipByValue, scaleByBelief, scaleByLion, scaleByRms, scaleByTrustRatio } from '../../src/index.ts';
import { feed } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const sequences = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 });
const decays = fc.constantFrom(0, 0.5, 0.9, 0.99);

describe('scaleByRms', () => {
  property.prop([sequences, decays])('divides by the root of the mean square', (gradients, decay) => {
    let v = 0;
    const wanted = gradients.map((g) => {
      v = decay * v + (1 - decay) * g * g;
      return g / Math.sqrt(v + 1e-3);
    });
    expectNear([...feed(scaleByRms({ decay, epsilon: 1e-3 }), gradients), 1], [...wanted, 1], 5e-5);
  });

  test('gives zero, and no NaN, for zero gradients', () => {
    expect(feed(scaleByRms(), [0, 0])).toEqual([0, 0]);
  });
});

describe('scaleByBelief', () => {
  property.prop([sequences, decays, fc.constantFrom(0.9, 0.999)])(
    'divides by the root of how far gradients stray from their mean, with ε inside as well',
    (gradients, b1, b2) => {
      let [m, s] = [0, 0];
      const wanted = gradients.map((g, i) => {
        m = b1 * m + (1 - b1) * g;
        s = b2 * s + (1 - b2) * (g - m) ** 2 + 1e-3;
        return m / (1 - b1 ** (i + 1)) / (Math.sqrt(s / (1 - b2 ** (i + 1))) + 1e-3);
      });
      expectNear([...feed(scaleByBelief({ b1, b2, epsilon: 1e-3 }), gradients), 1], [...wanted, 1], 5e-5);
    },
  );
});

describe('scaleByLion', () => {
  // Sums of halves and quarters are exact in float32, so that no sign depends on rounding.
  const halves = fc.array(
    fc.integer({ min: -6, max: 6 }).map((n) => n / 2),
    { minLength: 1, maxLength: 6 },
  );
  property.prop([halves])('gives the sign of an interpolated momentum', (gradients) => {
    let m = 0;
    const wanted = gradients.map((g) => {
      const sign = Math.sign(0.5 * m + 0.5 * g);
      m = 0.75 * m + 0.25 * g;
      return sign;
    });
    expect(feed(scaleByLion({ b1: 0.5, b2: 0.75 }), gradients).map((x) => x + 0)).toEqual(wanted.map((x) => x + 0));
  });
});

describe('scaleByTrustRatio', () => {
  const ratio = (u: readonly number[], w: readonly number[]) =>
    tf.tidy(() => {
      const params = { moved: tf.tensor1d([...w]), other: tf.scalar(2) };
      const gradient = () => ({
        value: tf.scalar(0),
        grads: { moved: tf.tensor1d([...u]), other: tf.scalar(5) },
        aux: null,
      });
      const [{ grads }] = scaleByTrustRatio().update(gradient, null, params, null);
      return numbers(grads);
    });

  test('makes every update as long as its leaf', () => {
    expectEach(ratio([3, 4], [6, -8]), [6, 8, 2]);
    expectEach(ratio([3e-30, 4e-30], [6, -8]), [6, 8, 2]);
  });

  test('leaves an update as it is where the update or the leaf is zero', () => {
    expectEach(ratio([3, 4], [0, 0]), [3, 4, 2]);
    expect(ratio([0, 0], [6, -8])).toEqual([0, 0, 2]);
  });
});

describe('clipByValue', () => {
  property.prop([sequences])('limits every entry, and keeps those within bit for bit', (gradients) => {
    const singles = gradients.map(Math.fround);
    expect(feed(clipByValue(1.5), singles)).toEqual(singles.map((g) => Math.min(1.5, Math.max(-1.5, g))));
  });

  test.each([0, -1, Number.NaN])('refuses a bound of %s', (bound) => {
    expect(() => clipByValue(bound)).toThrow(`The bound of clipByValue must be a finite number above 0, got ${bound}.`);
  });
});

test.each([
  ['decay', () => scaleByRms({ decay: 1 })],
  ['b1', () => scaleByLion({ b1: 1 })],
  ['b2', () => scaleByLion({ b2: 1 })],
  ['b1', () => scaleByBelief({ b1: 1 })],
])('a decay %s of 1 is refused', (name, make) => {
  expect(make).toThrow(`${name} must be in [0, 1), got 1.`);
});
