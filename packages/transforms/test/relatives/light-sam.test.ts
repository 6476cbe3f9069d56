import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, lightSam, samTransform, scale, scaleByAdagradNorm } from '../../src/index.ts';
import { expectReference } from '../support/other-epsilon.ts';
import { length, ofLength, type Point, times } from '../support/plain.ts';
import { given, scripted } from '../support/relatives.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

/** ε at every step, for one clean gradient after another. */
function epsilons(rho: number, gradients: readonly Point[]): number[][] {
  const { gradient, points } = scripted(...gradients.flatMap((g) => [g, g]));
  tf.tidy(() => {
    const link = lightSam(rho);
    const w: tf.Tensor = tf.zeros([3]);
    let state = link.init(w);
    for (const _ of gradients) state = link.update(gradient, state, w, null)[1];
  });
  return points.filter((_, i) => i % 2 === 1);
}

describe('lightSam', () => {
  test('goes where its formula goes, with scaleByAdagradNorm', () => {
    expectReference('lightSam', chain(lightSam(0.5), scaleByAdagradNorm(), scale(-1)));
  });

  test('has the radius of SAM at first, and ρ/√t for equal gradients', () => {
    const g = [1, -2, 2];
    for (const [step, epsilon] of epsilons(0.5, Array(4).fill(g)).entries())
      expectEach(epsilon, [...ofLength(g, 0.5 / Math.sqrt(step + 1))], 1e-5);
  });

  test.each([1e-30, 1, 1e30])('sums squared lengths, at the scale %s', (c) => {
    const gradients = [
      [3, 0, 4],
      [0, 12, 0],
      [0, 0, 0],
      [84, 0, 0],
    ];
    const lengths = epsilons(
      1,
      gradients.map((g) => times(g, c)),
    ).map(length);
    expectEach(lengths, [1, 12 / 13, 0, 84 / 85], 1e-5);
  });

  test('gives zero for a zero gradient, as the first of all', () => {
    expect(given(lightSam(0.5), [0, 0, 0])).toEqual([0, 0, 0]);
    expect(given(scaleByAdagradNorm(), [0, 0, 0])).toEqual([0, 0, 0]);
    expect(given(lightSam(0.5), [1, 2, 2], [7, 8, 9])).toEqual(given(samTransform(0.5), [1, 2, 2], [7, 8, 9]));
  });
});
