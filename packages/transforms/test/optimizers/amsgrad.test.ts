import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { scaleByAdam, scaleByAmsgrad } from '../../src/index.ts';
import { feed } from '../support/step.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const sequences = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 });

describe('scaleByAmsgrad', () => {
  test('divides the mean by the root of the largest mean square, both corrected or neither', () => {
    fc.assert(
      fc.property(
        sequences,
        fc.constantFrom(0, 0.5, 0.9),
        fc.constantFrom(0.5, 0.99),
        fc.boolean(),
        (gs, b1, b2, on) => {
          let [m, v, largest] = [0, 0, 0];
          const wanted = gs.map((g, i) => {
            [m, v] = [b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g];
            const [cm, cv] = on ? [1 - b1 ** (i + 1), 1 - b2 ** (i + 1)] : [1, 1];
            largest = Math.max(largest, v / cv);
            return m / cm / (Math.sqrt(largest) + 1e-3);
          });
          const made = feed(scaleByAmsgrad({ b1, b2, epsilon: 1e-3, biasCorrection: on }), gs);
          expectNear([...made, 1], [...wanted, 1], 5e-5);
        },
      ),
      { numRuns: 40, seed: 2 },
    );
  });

  test('is Adam where the mean square never falls, and shorter after it did', () => {
    const growing = [0.1, 0.4, 1, 3, 9];
    expect(feed(scaleByAmsgrad(), growing)).toEqual(feed(scaleByAdam(), growing));
    const [fallen, adam] = [feed(scaleByAmsgrad({ b2: 0.5 }), [9, 1, 1]), feed(scaleByAdam({ b2: 0.5 }), [9, 1, 1])];
    expect(fallen[2]).toBeLessThan(0.6 * (adam[2] ?? 0));
  });

  test('gives zero, and no NaN, for zero gradients', () => {
    expect(feed(scaleByAmsgrad(), [0, 0])).toEqual([0, 0]);
  });
});
