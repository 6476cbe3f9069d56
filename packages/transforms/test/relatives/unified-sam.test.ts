import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, constant, samTransform, sgd, unifiedSam, usam } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { given, pathOf } from '../support/relatives.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('unifiedSam', () => {
  test('goes where its formula goes, for a share and for a schedule of it', () => {
    expectReference('unifiedSam 0.3', chain(unifiedSam(0.2, 0.3), sgd(0.1)));
    const growing = (count: tf.Scalar): tf.Scalar => tf.sub(1, tf.div(1, tf.add(count, 1)));
    expectReference('unifiedSam 1-1/t', chain(unifiedSam(constant(0.2), growing), sgd(0.1)));
  });

  test.each([0.1, 3e-4])('is SAM with λ = 1 and without normalization with λ = 0, bit for bit, ρ = %s', (rho) => {
    expect(pathOf(chain(unifiedSam(rho, 1), sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(rho), sgd(0.1)), 4));
    expect(pathOf(chain(unifiedSam(rho, 0), sgd(0.1)), 4)).toEqual(pathOf(chain(usam(rho), sgd(0.1)), 4));
  });

  test('a zero gradient gives the gradient at w', () => {
    expect(given(unifiedSam(0.1, 0.5), [0, 0, 0])).toEqual([0, 0, 0]);
  });

  test('refuses a share outside of [0, 1]', () => {
    expect(() => unifiedSam(0.1, 1.5)).toThrow('lambda must be in [0, 1], got 1.5.');
    expect(() => unifiedSam(0.1, -0.5)).toThrow('lambda must be in [0, 1], got -0.5.');
  });
});
