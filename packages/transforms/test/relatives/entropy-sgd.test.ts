import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, entropySgd, scale } from '../../src/index.ts';
import { length, type Point, plus, times } from '../support/plain.ts';
import { descent, pathOf, slope } from '../support/relatives.ts';
import { gradientOf } from '../support/step.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('entropySgd', () => {
  test('without noise is γ·(w - μ) of a walk downhill that w holds back', () => {
    const [steps, gamma, stepSize, alpha] = [5, 0.3, 0.1, 0.25];
    const wanted = descent(
      (w) => {
        let [x, mean]: [Point, Point] = [w, w];
        for (let i = 0; i < steps; i++) {
          x = plus(x, plus(slope(x), plus(w, x, -1), -gamma), -stepSize);
          mean = plus(times(mean, 1 - alpha), x, alpha);
        }
        return times(plus(w, mean, -1), gamma);
      },
      3,
      1,
    );
    expectPath(pathOf(chain(entropySgd({ steps, gamma, stepSize, alpha, noise: 0 }), scale(-1)), 3), wanted);
  });

  test('has noise of the size √η′·noise', () => {
    const size = 4000;
    const link = entropySgd({ steps: 1, gamma: 1, stepSize: 0.25, noise: 3, alpha: 1 });
    const flat = () => ({ value: tf.scalar(0), grads: tf.zeros([size]), aux: null });
    const drawn = tf.tidy(() => gradientOf(link, flat, tf.zeros([size]), null));
    expect(Math.abs(length(drawn) / Math.sqrt(size) - 1.5)).toBeLessThan(0.07); // four standard deviations
  });

  test.each([{ gamma: 0 }, { stepSize: -1 }, { noise: -1 }, { alpha: 0 }, { steps: 0 }])('refuses %o', (options) => {
    expect(() => entropySgd(options)).toThrow(/must be/);
  });
});
