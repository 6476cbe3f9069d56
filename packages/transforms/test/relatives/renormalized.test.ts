import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, renormalized, samTransform, scale, sgd, stateless, trace } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { length, times } from '../support/plain.ts';
import { given, pathOf } from '../support/relatives.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const entry = fc.double({ min: -4, max: 4, noNaN: true }).map(Math.fround);
const gradients = fc.array(entry, { minLength: 3, maxLength: 3 }).filter((g) => length(g) > 1e-3);

describe('renormalized', () => {
  test('goes where its formula goes, around SAM', () => {
    expectReference('renormalized', chain(renormalized(samTransform(0.2)), sgd(0.1)));
  });

  property.prop([gradients, gradients, fc.constantFrom(1e-25, 1, 1e25)], { numRuns: 25, seed: 14 })(
    'gives the direction of the sharp gradient and the length of the clean one',
    (clean, sharp, c) => {
      const wanted = times(sharp, length(clean) / length(sharp));
      expectNear(given(renormalized(samTransform(0.1)), clean, times(sharp, c)), [...wanted], 1e-5);
    },
  );

  test('a zero sharp gradient gives zero, and so does a zero clean one', () => {
    expect(given(renormalized(samTransform(0.1)), [1, 2, 3], [0, 0, 0])).toEqual([0, 0, 0]);
    expect(given(renormalized(samTransform(0.1)), [0, 0, 0], [1, 2, 3])).toEqual([0, 0, 0]);
  });

  test('changes nothing where the length is right already', () => {
    expectEach(given(renormalized(stateless((grads) => grads)), [3, 4, 12]), [3, 4, 12], 1e-6);
    expectEach(given(renormalized(chain(trace(0.9), scale(5))), [3, 4, 12]), [3, 4, 12], 1e-6);
    expect(pathOf(chain(renormalized(samTransform(0.1)), sgd(0.1)), 3)).not.toEqual(
      pathOf(chain(samTransform(0.1), sgd(0.1)), 3),
    );
  });

  test('refuses a link whose learning rate it would undo', () => {
    expect(() => renormalized(chain(samTransform(0.1), sgd(0.1)))).toThrow(
      'renormalized would undo the learning rate of chain(samTransform(0.1, 2), chain(scale(-0.1))): put it behind, chain(renormalized(...), ...).',
    );
  });
});
