import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  chain,
  constant,
  type GradientTransformation,
  interval,
  prodigy,
  sampa,
  samTransform,
  sgd,
  textOf,
} from '../../src/index.ts';
import { quadratic } from '../support/gradients.ts';
import { A, scripted, W } from '../support/relatives.ts';
import { numbers } from '../support/trees.ts';
import { vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('interval', () => {
  test.each(vectors<{ interval: number; steps: number }, { sam_step: boolean[] }>('interval/composer'))(
    '$id',
    ({ inputs, expected }) => {
      const link = interval(inputs.interval, samTransform(0.1));
      const w = tf.zeros([3]);
      let state = link.init(w);
      const isSam = Array.from({ length: inputs.steps }, () => {
        const { gradient, points } = scripted([1, 2, 3]);
        state = link.update(gradient, state, w, null)[1];
        return points.length === 2;
      });
      expect(isSam).toEqual(expected.sam_step);
    },
  );

  test('counts for the link inside only when it runs', () => {
    const link = interval(3, samTransform(constant(0.1)));
    const w = tf.tensor1d([...W]);
    let state = link.init(w);
    for (let step = 0; step < 7; step++) state = link.update(quadratic(A), state, w, null)[1];
    expect([state.phase, ...numbers(state.inner)]).toEqual([1, 2]);
  });

  test.each<GradientTransformation<Tree>>([sgd(0.1), prodigy(), sampa(sgd(0.1), 0.1)])(
    'refuses $name, which turns the gradient around',
    (link) => {
      expect(() => interval(2, link)).toThrow(
        `At every step the gradient must point the same way: ${textOf(link)} turns it around and chain() does not. Put what turns it, such as sgd(0.1), behind interval in the chain.`,
      );
      expect(() => interval(1, link)).not.toThrow();
    },
  );

  test.each([0, 1.5, -1, Number.NaN])('refuses a period of %s', (k) => {
    expect(() => interval(k, chain())).toThrow(`The period k must be a positive whole number, got ${k}.`);
  });
});
