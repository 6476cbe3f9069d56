import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, lookSam, samTransform, sgd } from '../../src/index.ts';
import { inner, length, ofLength, type Point, plus } from '../support/plain.ts';
import { descent, pathOf, slope } from '../support/relatives.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('lookSam', () => {
  test('takes the SAM gradient at every k-th step from the first on, and turns the others by what it added', () => {
    let turn: Point = [];
    const wanted = descent((w, step) => {
      const g = slope(w);
      if (step % 3 > 0) return plus(g, turn, (0.7 * length(g)) / length(turn));
      const sharp = slope(plus(w, ofLength(g, 0.2)));
      turn = plus(sharp, g, -inner(sharp, g) / inner(g, g));
      return sharp;
    }, 7);
    expectPath(pathOf(chain(lookSam(3, 0.2, 0.7), sgd(0.1)), 7), wanted);
  });

  test('with k = 1 is SAM', () => {
    expect(pathOf(chain(lookSam(1, 0.1), sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
  });
});
